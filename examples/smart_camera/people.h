#ifndef SMART_CAMERA_PEOPLE_H_
#define SMART_CAMERA_PEOPLE_H_

#include <algorithm>

#include "conveyor/v1/processed_image.pb.h"

namespace smart_camera {

/// How many of the things that were found on a frame are labelled "person".
[[nodiscard]] inline int people_in(const conveyor::v1::ProcessedImage& processed) {
  const auto& found = processed.prediction().detections();
  return static_cast<int>(
      std::count_if(found.begin(), found.end(), [](const auto& each) { return each.label() == "person"; }));
}

}  // namespace smart_camera

#endif  // SMART_CAMERA_PEOPLE_H_
