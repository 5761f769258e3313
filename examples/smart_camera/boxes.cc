#include "boxes.h"

#include <cmath>

namespace smart_camera {
namespace {

/// Shorter as text than the same with all its digits.
double rounded(float number, double steps) { return std::round(static_cast<double>(number) * steps) / steps; }

}  // namespace

nlohmann::json boxes_of(const conveyor::v1::Prediction& prediction) {
  nlohmann::json boxes = nlohmann::json::array();
  for (const auto& detection : prediction.detections()) {
    const auto& box = detection.box();
    boxes.push_back({{"x", rounded(box.x(), 10)},
                     {"y", rounded(box.y(), 10)},
                     {"width", rounded(box.width(), 10)},
                     {"height", rounded(box.height(), 10)},
                     {"label", detection.label()},
                     {"score", rounded(detection.score(), 1000)}});
  }
  return boxes;
}

nlohmann::json short_boxes_of(const conveyor::v1::Prediction& prediction) {
  nlohmann::json boxes = nlohmann::json::array();
  for (const auto& detection : prediction.detections()) {
    const auto& box = detection.box();
    boxes.push_back(
        nlohmann::json::array({rounded(box.x(), 10), rounded(box.y(), 10), rounded(box.width(), 10),
                               rounded(box.height(), 10), detection.label(), rounded(detection.score(), 1000)}));
  }
  return boxes;
}

}  // namespace smart_camera
