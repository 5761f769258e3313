// The threads of a worker share a plain handler, so that a lambda that changes itself is refused; per_thread() takes it.
#include <conveyor/v1/image.pb.h>
#include <conveyor/worker.h>

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};

void use(conveyor::Worker& worker) {
#ifdef CONVEYOR_WRONG
  worker.handle(kImages, [count = 0](const conveyor::v1::Image&) mutable { ++count; });
#else
  worker.handle(kImages,
                conveyor::per_thread([] { return [count = 0](const conveyor::v1::Image&) mutable { ++count; }; }));
#endif
}
