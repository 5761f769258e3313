#ifndef CONVEYOR_SRC_VISION_IMAGE_WHITE_LEVEL_H_
#define CONVEYOR_SRC_VISION_IMAGE_WHITE_LEVEL_H_

#include <array>
#include <cmath>

#include "conveyor/vision/pixel_range.h"

// Numbers in chains and model cards (scale, mean, deviation) are made for pixels up to a certain white: 255, 65535, 1.
// These functions guess it from the numbers, so that pictures of another range are noticed.

namespace conveyor::vision {

/// Whether two values of white mean the same: 256 and 255, or 255 and what a factor rounded to three digits gives.
inline bool same_white(double a, double b) {
  constexpr double kTolerance = 0.006;  // small enough to tell 1/257 (16 bit to 8) from 1/255
  return std::abs(a - b) <= kTolerance * std::abs(b);
}

/// Whether the range is brightness from 0 to that white.
inline bool is_brightness_to(const PixelRange& range, double white) {
  const bool brightness = range.kind == PixelRange::Kind::kLevels || range.kind == PixelRange::Kind::kRescaled;
  return brightness && std::abs(range.black) <= 0.001 * white && same_white(range.white, white);
}

/// The white that a factor is made for: one that it brings to 1, or to 2 (from which a mean of 1 makes -1 to 1). 0: it
/// fits none.
inline double white_of_factor(double factor) {
  for (const int bits : {8, 10, 12, 14, 16}) {
    const double white = (1 << bits) - 1;
    if (same_white(factor * white, 1) || same_white(factor * white, 2)) return white;
  }
  return 0;
}

/// The white that (pixel - mean) / deviation is made for; 0: unknown.
/// @param each whether there is a number for each channel; such numbers come from data sets of 8 bit, whose pixels go
///         to 255 or to 1
inline double white_of_mean(const std::array<double, 3>& mean, const std::array<double, 3>& deviation, bool each) {
  bool parts = true, bytes = each, halves = true;
  for (std::size_t c = 0; c < 3; ++c) {
    parts = parts && mean[c] > 0 && mean[c] < 1 && deviation[c] > 0 && deviation[c] < 1;
    bytes = bytes && mean[c] > 1 && mean[c] <= 255 && deviation[c] > 1 && deviation[c] <= 255;
    halves = halves && (mean[c] == 0 || same_white(mean[c], deviation[c]));
  }
  if (parts) return 1;
  if (bytes) return 255;
  return halves ? white_of_factor(1 / deviation[0]) : 0;  // mean 0 or half of white: it gives 0 to 1, or -1 to 1
}

/// Whether numbers made for pixels from 0 to `white` (0: for any) suit pixels of that range.
inline bool are_numbers_for(double white, const PixelRange& range) {
  const bool anything = range.kind == PixelRange::Kind::kPhysical || range.kind == PixelRange::Kind::kUnknown;
  return white == 0 || anything || is_brightness_to(range, white);
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_WHITE_LEVEL_H_
