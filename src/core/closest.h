#ifndef CONVEYOR_SRC_CORE_CLOSEST_H_
#define CONVEYOR_SRC_CORE_CLOSEST_H_

#include <cstddef>
#include <limits>
#include <string_view>

#include "conveyor/export.h"

namespace conveyor {

/// Characters inserted, removed or replaced to turn one name into the other, letter case ignored. Exported for
/// Conveyor's other libraries.
[[nodiscard]] CONVEYOR_EXPORT std::size_t edit_distance(std::string_view left, std::string_view right);

/// The known name with the smallest edit distance, the first of equals; empty when none is known. For error texts:
///
///     fmt::format("no topic {}; did you mean {}?", topic, closest(topic, topics));
///
/// @param known a range of anything that converts to std::string_view; the result points into it
template <class Names>
[[nodiscard]] std::string_view closest(std::string_view name, const Names& known) {
  std::string_view best;
  std::size_t smallest = std::numeric_limits<std::size_t>::max();
  for (const auto& each : known) {
    const std::string_view candidate = each;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < smallest) {
      smallest = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace conveyor

#endif  // CONVEYOR_SRC_CORE_CLOSEST_H_
