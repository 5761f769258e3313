// As mutable_lambda.cc, of a batch handler.
#include <conveyor/v1/image.pb.h>
#include <conveyor/worker.h>

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};

#ifdef CONVEYOR_WRONG
#define CONVEYOR_MUTABLE mutable
#else
#define CONVEYOR_MUTABLE
#endif

void use(conveyor::Worker& worker) {
  worker.handle_batch(kImages, [count = 0](std::span<conveyor::BatchItem<conveyor::v1::Image>>)
                                   CONVEYOR_MUTABLE { static_cast<void>(count); });
}
