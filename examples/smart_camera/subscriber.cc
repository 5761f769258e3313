#include "subscriber.h"

#include "camera_name.h"
#include "camera_orders.h"
#include "conveyor/consumer.h"
#include "support/readable.h"

namespace smart_camera {

void subscribe(const conveyor::Config& config, Subscriber& subscriber, const std::stop_token& stop,
               std::atomic<std::int64_t>& seen) {
  constexpr std::size_t kPatience = 64;  // far above what a camera has under way
  CameraOrders<conveyor::v1::ProcessedImage> orders(kPatience);
  const auto give = [&](const conveyor::v1::ProcessedImage& processed) {
    subscriber.on_frame(camera_of(processed.image().source()), processed);
    ++seen;
  };
  conveyor::Consumer consumer(config, kProcessed, {.stop = stop});
  support::for_each_readable(consumer, [&](const auto& message) {
    const conveyor::v1::ProcessedImage& processed = message.value();
    const std::string& source = processed.image().source();
    orders.add(camera_of(source), source, processed.image().frame(), processed, give);
  });
  orders.finish(give);
  subscriber.finish();
}

}  // namespace smart_camera
