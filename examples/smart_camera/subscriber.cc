#include "subscriber.h"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <optional>

#include "conveyor/consumer.h"
#include "support/frame_order.h"

namespace smart_camera {

void subscribe(const conveyor::Config& config, Subscriber& subscriber, const std::stop_token& stop,
               std::atomic<std::int64_t>& seen) {
  constexpr std::size_t kPatience = 64;  // far above what a camera has under way
  using Order = support::FrameOrder<conveyor::v1::ProcessedImage>;
  Order order(kPatience);
  std::string source;
  const auto show = [&](std::optional<conveyor::v1::ProcessedImage> frame) {
    if (!frame) return false;
    subscriber.on_frame(*frame);
    ++seen;
    return true;
  };
  conveyor::Consumer consumer(config, kProcessed, {.stop = stop});
  for (const auto& message : consumer) {
    const conveyor::v1::ProcessedImage& processed = message.value();
    if (processed.image().source() != source) {  // another video begins
      while (show(order.take_rest())) {
      }
      order = Order(kPatience);
      source = processed.image().source();
    }
    order.add(processed.image().frame(), processed);
    while (show(order.take())) {
    }
  }
  while (show(order.take_rest())) {
  }
  subscriber.finish();
}

int people_in(const conveyor::v1::ProcessedImage& processed) { return processed.prediction().detections_size(); }

std::string picture_name(std::int64_t frame) {
  std::array<char, 48> name{};
  std::snprintf(name.data(), name.size(), "frame-%06" PRId64 ".jpg", frame);
  return name.data();
}

}  // namespace smart_camera
