#ifndef CONVEYOR_SRC_VISION_IMAGE_IMAGE_SHAPE_H_
#define CONVEYOR_SRC_VISION_IMAGE_IMAGE_SHAPE_H_

#include <fmt/format.h>

#include <opencv2/core.hpp>
#include <string>

#include "conveyor/vision/image.h"
#include "conveyor/vision/preprocess.h"

// Texts that say the shape and range of pixels, and the limits on sizes. Inline, so that Conveyor::media has them too.

namespace conveyor::vision {

inline std::string depth_name(int depth) {
  static constexpr const char* kNames[] = {"8 bit",         "8 bit signed", "16 bit",       "16 bit signed",
                                           "32 bit signed", "32 bit float", "64 bit float", "16 bit float"};
  return depth >= 0 && depth < 8 ? kNames[depth] : fmt::format("depth {}", depth);
}

inline std::string describe(const cv::Mat& pixels) {
  if (pixels.empty()) return "no pixels";
  if (pixels.dims != 2) return fmt::format("{} dimensions", pixels.dims);
  return fmt::format("{} x {}, {} channel{}, {}", pixels.cols, pixels.rows, pixels.channels(),
                     pixels.channels() == 1 ? "" : "s", depth_name(pixels.depth()));
}

inline std::string describe(const PixelRange& range) {
  switch (range.kind) {
    case PixelRange::Kind::kLevels:
      return fmt::format("{:.6g} to {:.6g}", range.black, range.white);
    case PixelRange::Kind::kRescaled:
      return fmt::format("values rescaled to {:.6g} to {:.6g}", range.black, range.white);
    case PixelRange::Kind::kPhysical:
      return "physical values";
    case PixelRange::Kind::kNormalized:
      return "normalised values";
    case PixelRange::Kind::kMismatched:
      return fmt::format(
          "values that a step made with numbers for pixels of 0 to {:.6g} out of pixels of another range", range.white);
    default:
      return "values of unknown range";
  }
}

/// Who set the range of the sample: "the step zscore of the preprocess chain".
inline std::string source_of_range(const Sample& sample) {
  if (!sample.range_from) return "the picture's decoder";
  return fmt::format("the step {} of the preprocess chain", sample.range_from->text());
}

/// "4 x 4, 3 channels, 16 bit, BGR, 0 to 65535"
inline std::string describe(const Sample& sample) {
  const char* order = sample.pixels.channels() < 3 ? "" : sample.rgb ? ", RGB" : ", BGR";
  return fmt::format("{}{}, {}", describe(sample.pixels), order, describe(range_of(sample)));
}

/// What is wrong with these dimensions; empty: nothing.
inline std::string wrong_dimensions(std::int64_t width, std::int64_t height) {
  if (width <= 0 || height <= 0) return fmt::format("its size is {} x {} pixels", width, height);
  if (width > kMaxImageSide || height > kMaxImageSide || width * height > kMaxImagePixels) {
    return fmt::format("{} x {} pixels exceed the limit of {} a side and {} in all", width, height, kMaxImageSide,
                       kMaxImagePixels);
  }
  return {};
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_IMAGE_SHAPE_H_
