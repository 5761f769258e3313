#include <conveyor/channel.h>
#include <conveyor/v1/image.pb.h>

#ifdef CONVEYOR_WRONG
constexpr conveyor::Channel<conveyor::v1::Image> kImages{"my images"};
#else
constexpr conveyor::Channel<conveyor::v1::Image> kImages{"my-images"};
#endif
