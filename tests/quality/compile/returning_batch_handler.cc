// A batch handler replies to its items; what it returns would be lost.
#include <conveyor/v1/image.pb.h>
#include <conveyor/worker.h>

#include <span>

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};

void use(conveyor::Worker& worker) {
  worker.handle_batch(kImages, [](std::span<conveyor::BatchItem<conveyor::v1::Image>> items) {
#ifdef CONVEYOR_WRONG
    return items.size();
#else
    static_cast<void>(items.size());
#endif
  });
}
