#include "source_order.h"

#include <algorithm>
#include <utility>

namespace image_messaging {

void SourceOrder::add(LabelledFrame frame, Time now) {
  Lane& lane = lane_of(frame.image.source(), now);
  if (restarted(lane, frame.image)) {
    release_all(lane, now);
    lane = Lane{support::FrameOrder<LabelledFrame>(options_.patience_frames)};
    lane.moved = now;
  }
  if (lane.waiting == 0) lane.moved = now;
  const std::int64_t number = frame.image.frame();
  if (!lane.order.add(number, std::move(frame))) {
    ++late_;
    return;
  }
  ++lane.waiting;
  ++waiting_;
  while (auto next = lane.order.take()) release(lane, std::move(next), now);
}

void SourceOrder::expire(Time now) {
  for (auto& [source, lane] : lanes_) {
    if (lane.waiting > 0 && now - lane.moved >= options_.patience) release_all(lane, now);
  }
}

void SourceOrder::finish() {
  for (auto& [source, lane] : lanes_) release_all(lane, lane.moved);
}

std::optional<LabelledFrame> SourceOrder::take() {
  if (ready_.empty()) return {};
  LabelledFrame frame = std::move(ready_.front());
  ready_.pop_front();
  return frame;
}

bool SourceOrder::restarted(const Lane& lane, const conveyor::v1::Image& image) const {
  if (image.frame() > lane.last) return false;
  if (image.capture_time_us() > 0 && lane.last_captured_us > 0) return image.capture_time_us() > lane.last_captured_us;
  return lane.last - image.frame() >= static_cast<std::int64_t>(options_.patience_frames);
}

SourceOrder::Lane& SourceOrder::lane_of(const std::string& source, Time now) {
  const auto found = lanes_.find(source);
  if (found != lanes_.end()) return found->second;
  if (lanes_.size() >= options_.most_sources) {
    const auto quietest = std::min_element(
        lanes_.begin(), lanes_.end(), [](const auto& a, const auto& b) { return a.second.moved < b.second.moved; });
    release_all(quietest->second, now);
    lanes_.erase(quietest);
  }
  Lane lane{support::FrameOrder<LabelledFrame>(options_.patience_frames)};
  lane.moved = now;
  return lanes_.emplace(source, std::move(lane)).first->second;
}

void SourceOrder::release(Lane& lane, std::optional<LabelledFrame> frame, Time now) {
  lane.last = frame->image.frame();
  lane.last_captured_us = frame->image.capture_time_us();
  lane.moved = now;
  --lane.waiting;
  --waiting_;
  ready_.push_back(std::move(*frame));
}

void SourceOrder::release_all(Lane& lane, Time now) {
  while (auto next = lane.order.take_rest()) release(lane, std::move(next), now);
}

}  // namespace image_messaging
