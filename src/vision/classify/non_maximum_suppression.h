#ifndef CONVEYOR_SRC_VISION_CLASSIFY_NON_MAXIMUM_SUPPRESSION_H_
#define CONVEYOR_SRC_VISION_CLASSIFY_NON_MAXIMUM_SUPPRESSION_H_

#include <cstddef>
#include <vector>

#include "conveyor/vision/outcome.h"

namespace conveyor::vision {

/// Intersection over union of two boxes, 0 to 1; 0 where both are empty.
[[nodiscard]] double overlap(const Box& left, const Box& right);

/// Sorts by score, surest first. Drops each detection that overlaps a surer one of the same name by more than
/// `max_overlap`, and of the remaining ones those beyond the first `most`.
void suppress(std::vector<Detection>& detections, double max_overlap, std::size_t most);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_CLASSIFY_NON_MAXIMUM_SUPPRESSION_H_
