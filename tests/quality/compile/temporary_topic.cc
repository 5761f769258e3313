// A channel keeps a view of its name: it must be a literal, or go through named(), which keeps a copy.
#include <conveyor/channel.h>
#include <conveyor/v1/image.pb.h>

#include <string>

#ifdef CONVEYOR_WRONG
const conveyor::Channel<conveyor::v1::Image> kImages{std::string("images")};
#else
const auto kImages = conveyor::Channel<conveyor::v1::Image>::named(std::string("images"));
#endif
