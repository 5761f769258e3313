#include "vision/classify/non_maximum_suppression.h"

#include <algorithm>
#include <utility>

namespace conveyor::vision {
namespace {

double area(double width, double height) { return std::max(0.0, width) * std::max(0.0, height); }

}  // namespace

double overlap(const Box& a, const Box& b) {
  const double width = std::min(double{a.x} + double{a.width}, double{b.x} + double{b.width}) - std::max(a.x, b.x);
  const double height = std::min(double{a.y} + double{a.height}, double{b.y} + double{b.height}) - std::max(a.y, b.y);
  const double both = area(width, height);
  const double either = area(a.width, a.height) + area(b.width, b.height) - both;
  return either > 0 ? both / either : 0;
}

void suppress(std::vector<Detection>& detections, double max_overlap, std::size_t most) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.label.score > b.label.score; });
  std::vector<Detection> kept;
  for (Detection& candidate : detections) {
    if (kept.size() == most) break;
    const bool again = std::any_of(kept.begin(), kept.end(), [&](const Detection& other) {
      return other.label.name == candidate.label.name && overlap(other.box, candidate.box) > max_overlap;
    });
    if (!again) kept.push_back(std::move(candidate));
  }
  detections = std::move(kept);
}

}  // namespace conveyor::vision
