#include <conveyor/channel.h>
#include <conveyor/v1/image.pb.h>

#ifdef CONVEYOR_WRONG
constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images", {.level = 13}};
#else
constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images", {.level = 12}};
#endif
