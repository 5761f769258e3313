// handle() sends nothing, so that what its handler returns would be lost.
#include <conveyor/v1/image.pb.h>
#include <conveyor/worker.h>

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};

void use(conveyor::Worker& worker) {
  worker.handle(kImages, [](const conveyor::Message<conveyor::v1::Image>& message) {
#ifdef CONVEYOR_WRONG
    return message.value();
#else
    static_cast<void>(message.value());
#endif
  });
}
