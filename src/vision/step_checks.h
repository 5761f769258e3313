#ifndef CONVEYOR_SRC_VISION_STEP_CHECKS_H_
#define CONVEYOR_SRC_VISION_STEP_CHECKS_H_

#include <fmt/format.h>

#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>

#include "conveyor/error.h"
#include "vision/describe.h"
#include "vision/white.h"

// What the arguments of steps have in common.

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

/// @param white that the step's numbers are made for; 0: any
/// @throws DecodeError for pixels that are brightness to another white, or normalised already
inline void check_white(const PixelRange& range, double white) {
  const bool literal = range.kind == PixelRange::Kind::kPhysical || range.kind == PixelRange::Kind::kUnknown;
  if (white == 0 || literal || is_brightness_to(range, white)) return;
  std::string cure = "change its numbers, or say with levels(WHITE) before it which value is white";
  if (range.kind != PixelRange::Kind::kLevels) {
    cure = "leave one of the two steps out";
  } else if (white == 255) {
    cure = "put depth(8) before it, or change its numbers";
  } else if (white == 1) {
    cure = fmt::format("put rescale({},0) before it, or change its numbers", 1 / range.white);
  }
  throw DecodeError(
      fmt::format("its numbers are for pixels of 0 to {:.6g}, and these are {}: {}", white, describe(range), cure));
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_STEP_CHECKS_H_
