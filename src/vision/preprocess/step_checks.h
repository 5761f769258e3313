#ifndef CONVEYOR_SRC_VISION_PREPROCESS_STEP_CHECKS_H_
#define CONVEYOR_SRC_VISION_PREPROCESS_STEP_CHECKS_H_

#include <fmt/format.h>

#include <cmath>
#include <initializer_list>
#include <string_view>

#include "conveyor/error.h"

// Checks that the arguments of several steps share.

namespace conveyor::vision {

/// @throws Error with errc::invalid_config
inline void check_finite(std::string_view step, std::initializer_list<double> numbers) {
  for (const double number : numbers) {
    if (!std::isfinite(number)) {
      throw Error(errc::invalid_config, fmt::format("preprocess step {}: its arguments must be finite", step));
    }
  }
}

/// @throws Error with errc::invalid_config unless lowest <= value <= highest
inline void check_range(std::string_view step, std::string_view what, double value, double lowest, double highest) {
  if (value >= lowest && value <= highest) return;
  throw Error(errc::invalid_config, fmt::format("preprocess step {}: its {} must be from {} to {}, not {}", step, what,
                                                lowest, highest, value));
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_PREPROCESS_STEP_CHECKS_H_
