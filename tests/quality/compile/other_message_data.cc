#include <conveyor/producer.h>
#include <conveyor/v1/image.pb.h>
#include <odd/odd.pb.h>

#ifdef CONVEYOR_WRONG
using Sent = odd::Odd;
#else
using Sent = conveyor::v1::Image;
#endif

constexpr conveyor::Channel<Sent> kChannel{"odd"};

void use(conveyor::Producer& producer) { producer.send(kChannel, Sent()); }
