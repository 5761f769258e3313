#ifndef SMART_CAMERA_BOXES_H_
#define SMART_CAMERA_BOXES_H_

#include <nlohmann/json.hpp>

#include "conveyor/v1/prediction.pb.h"

namespace smart_camera {

/// What was found, as the page draws it: {x, y, width, height, label, score} each, in the picture's pixels.
[[nodiscard]] nlohmann::json boxes_of(const conveyor::v1::Prediction& prediction);

/// The same for the index of stored pictures, which is kept in memory: [x, y, width, height, label, score] each.
[[nodiscard]] nlohmann::json short_boxes_of(const conveyor::v1::Prediction& prediction);

}  // namespace smart_camera

#endif  // SMART_CAMERA_BOXES_H_
