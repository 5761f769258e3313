#ifndef CONVEYOR_SRC_BASE_EDIT_DISTANCE_H_
#define CONVEYOR_SRC_BASE_EDIT_DISTANCE_H_

#include <cstddef>
#include <functional>
#include <limits>
#include <string_view>

#include "conveyor/export.h"

namespace conveyor {

/// How many characters must be inserted, removed or replaced to turn one name into the other; upper and lower case
/// count as the same. Exported for Conveyor's other libraries.
[[nodiscard]] CONVEYOR_EXPORT std::size_t edit_distance(std::string_view left, std::string_view right);

/// The known name with the smallest edit distance, the first of several equal ones; empty when no name is known. Use
/// it in error texts:
///
///     fmt::format("no topic {}; did you mean {}?", topic, closest(topic, topics));
///
/// @param known a range of names; the result points into it
/// @param name_of the projection from an element of `known` to std::string_view; not needed where elements convert by
/// themselves
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
