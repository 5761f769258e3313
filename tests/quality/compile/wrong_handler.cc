// A handler takes the message or its value, with or without a context; all four are accepted, and named where another
// is not.
#include <conveyor/v1/image.pb.h>
#include <conveyor/worker.h>

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};

using Message = conveyor::Message<conveyor::v1::Image>;

void use(conveyor::Worker& worker) {
  worker.handle(kImages, [](const Message&) {});
  worker.handle(kImages, [](const Message&, conveyor::Context&) {});
  worker.handle(kImages, [](const conveyor::v1::Image&) {});
  worker.handle(kImages, [](const conveyor::v1::Image&, conveyor::Context&) {});
  worker.handle(kImages, [](const auto& message) { static_cast<void>(message.offset()); });
  worker.handle(kImages,
                [](const auto& message, auto& context) { static_cast<void>(message.offset() + context.attempt()); });
  worker.handle(kImages, conveyor::per_thread([] { return [n = 0](const conveyor::v1::Image&) mutable { ++n; }; }));
#ifdef CONVEYOR_WRONG
  worker.handle(kImages, [](const std::string&) {});
#endif
}
