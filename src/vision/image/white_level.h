#ifndef CONVEYOR_SRC_VISION_IMAGE_WHITE_LEVEL_H_
#define CONVEYOR_SRC_VISION_IMAGE_WHITE_LEVEL_H_

#include <array>
#include <cmath>

#include "conveyor/vision/pixel_range.h"

// Numbers that people write into chains and model cards are made for pixels up to a certain white. Which one that is
// can often be told, so that pictures of another range are not taken for it.

namespace conveyor::vision {

/// Two values of white that mean the same: 256 and 255, or what a factor written to three digits gives.
inline bool same_white(double a, double b) {
  constexpr double kTolerance = 0.006;  // 1/257 is that of 16 bit to 8, and not 1/255
  return std::abs(a - b) <= kTolerance * std::abs(b);
}

/// The range is brightness from 0 to that white.
inline bool is_brightness_to(const PixelRange& range, double white) {
  const bool brightness = range.kind == PixelRange::Kind::kLevels || range.kind == PixelRange::Kind::kRescaled;
  return brightness && std::abs(range.black) <= 0.001 * white && same_white(range.white, white);
}

/// The white for which a factor is made: it gives 0 to 1, or 0 to 2, which a mean of 1 makes -1 to 1. 0: it fits none.
inline double white_of_factor(double factor) {
  for (const int bits : {8, 10, 12, 14, 16}) {
    const double white = (1 << bits) - 1;
    if (same_white(factor * white, 1) || same_white(factor * white, 2)) return white;
  }
  return 0;
}

/// The white for which (pixel - mean) / deviation is made; 0: it cannot be told.
/// @param each they are numbers for each channel, which people take from data sets of 8 bit, in their range or in 0 to
/// 1
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

/// Whether numbers that are for pixels from 0 to `white`, 0 for any, are for pixels of that range.
inline bool are_numbers_for(double white, const PixelRange& range) {
  const bool anything = range.kind == PixelRange::Kind::kPhysical || range.kind == PixelRange::Kind::kUnknown;
  return white == 0 || anything || is_brightness_to(range, white);
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_WHITE_LEVEL_H_
