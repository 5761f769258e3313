#include "store.h"

#include <set>

#include "boxes.h"
#include "people.h"

namespace smart_camera {

Store::Store(support::PictureStore& pictures, int steady_frames)
    : pictures_(pictures), counts_([steady_frames] { return SteadyCount(steady_frames); }) {}

void Store::on_frame(const std::string& camera, const conveyor::v1::ProcessedImage& processed) {
  SteadyCount& count = counts_[camera];
  const int people = people_in(processed);
  if (!count.changed(people)) return;
  std::set<std::string> labels;
  for (const auto& detection : processed.prediction().detections()) labels.insert(detection.label());
  // The picture is stored as the camera encoded it.
  pictures_.add({.source = camera,
                 .frame = processed.image().frame(),
                 .captured_us = processed.image().capture_time_us(),
                 .count = people,
                 .labels = {labels.begin(), labels.end()},
                 .details = {{"before", count.before()}, {"boxes", short_boxes_of(processed.prediction())}}},
                processed.image().image_data());
  ++stored_;
}

std::string Store::summary() const {
  return pictures_.folder().string() + "/ (" + std::to_string(stored_) + " frames, index.jsonl)";
}

}  // namespace smart_camera
