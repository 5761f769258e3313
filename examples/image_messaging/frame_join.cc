#include "frame_join.h"

#include <algorithm>
#include <utility>

namespace image_messaging {

using conveyor::v1::InputRecord;
using conveyor::v1::Prediction;

void FrameJoin::add(const InputRecord& record, LabelledFrame frame, Time now) {
  const std::string name = record.SerializeAsString();
  const auto is_it = [&](const auto& waiting) { return waiting.record == name; };
  if (gone_.contains(name) || std::any_of(frames_.begin(), frames_.end(), is_it)) {
    ++counts_.repeated_frames;
    return;
  }
  ++counts_.frames;
  const std::size_t bytes = frame.image.image_data().size();
  const std::int64_t number = frame.image.frame();
  frames_.push_back({name, std::move(frame), bytes, now});
  bytes_ += bytes;

  auto found = std::find_if(predictions_.begin(), predictions_.end(), is_it);
  if (found == predictions_.end()) {
    found = std::find_if(predictions_.begin(), predictions_.end(), [&](const WaitingPrediction& waiting) {
      return waiting.record.empty() && waiting.prediction.frame() == number;
    });
  }
  if (found != predictions_.end()) {
    Prediction prediction = std::move(found->prediction);
    predictions_.erase(found);
    go_on(std::prev(frames_.end()), std::move(prediction));
  }
  while (frames_.size() > options_.most_frames || (bytes_ > options_.most_bytes && frames_.size() > 1)) {
    go_on(frames_.begin(), {});
  }
}

void FrameJoin::add(Prediction prediction, Time now) {
  const std::string record = prediction.has_input() ? prediction.input().SerializeAsString() : std::string();
  if (!record.empty() && gone_.contains(record)) {
    ++counts_.repeated_predictions;
    return;
  }
  const auto frame = std::find_if(frames_.begin(), frames_.end(), [&](const WaitingFrame& waiting) {
    return record.empty() ? waiting.frame.image.frame() == prediction.frame() : waiting.record == record;
  });
  if (frame != frames_.end()) {
    go_on(frame, std::move(prediction));
    return;
  }
  if (!record.empty() && std::any_of(predictions_.begin(), predictions_.end(),
                                     [&](const WaitingPrediction& waiting) { return waiting.record == record; })) {
    ++counts_.repeated_predictions;
    return;
  }
  predictions_.push_back({record, std::move(prediction), now});
  if (predictions_.size() > options_.most_predictions) {
    predictions_.pop_front();
    ++counts_.lone_predictions;
  }
}

void FrameJoin::expire(Time now) {
  while (!frames_.empty() && now - frames_.front().since >= options_.frame_patience) go_on(frames_.begin(), {});
  while (!predictions_.empty() && now - predictions_.front().since >= options_.prediction_patience) {
    predictions_.pop_front();
    ++counts_.lone_predictions;
  }
}

void FrameJoin::finish() {
  while (!frames_.empty()) go_on(frames_.begin(), {});
}

std::optional<LabelledFrame> FrameJoin::take() {
  if (ready_.empty()) return {};
  LabelledFrame frame = std::move(ready_.front());
  ready_.pop_front();
  return frame;
}

void FrameJoin::go_on(std::deque<WaitingFrame>::iterator frame, std::optional<Prediction> prediction) {
  ++(prediction ? counts_.labelled : counts_.unlabelled);
  bytes_ -= frame->bytes;
  frame->frame.prediction = std::move(prediction);
  ready_.push_back(std::move(frame->frame));
  remember(std::move(frame->record));
  frames_.erase(frame);
}

void FrameJoin::remember(std::string record) {
  gone_.insert(record);
  gone_in_order_.push_back(std::move(record));
  if (gone_in_order_.size() > kRemembered) {
    gone_.erase(gone_in_order_.front());
    gone_in_order_.pop_front();
  }
}

}  // namespace image_messaging
