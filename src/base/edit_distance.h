#ifndef CONVEYOR_SRC_BASE_EDIT_DISTANCE_H_
#define CONVEYOR_SRC_BASE_EDIT_DISTANCE_H_

#include <cstddef>
#include <functional>
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
/// @param known a range; the result points into it
/// @param name_of what of its elements converts to std::string_view, if they do not themselves
template <class Names, class NameOf = std::identity>
[[nodiscard]] std::string_view closest(std::string_view name, const Names& known, NameOf name_of = {}) {
  std::string_view best;
  std::size_t smallest = std::numeric_limits<std::size_t>::max();
  for (const auto& each : known) {
    const std::string_view candidate = std::invoke(name_of, each);
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < smallest) {
      smallest = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace conveyor

#endif  // CONVEYOR_SRC_BASE_EDIT_DISTANCE_H_
