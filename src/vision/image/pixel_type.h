#ifndef CONVEYOR_SRC_VISION_IMAGE_PIXEL_TYPE_H_
#define CONVEYOR_SRC_VISION_IMAGE_PIXEL_TYPE_H_

#include <cstdint>
#include <opencv2/core/mat.hpp>

#include "conveyor/error.h"

// The pixel types that steps work on, and how to choose code by type.

namespace conveyor::vision {

[[noreturn]] inline void throw_unknown_depth() {
  throw DecodeError("it takes 8 bit, 16 bit and float; rescale makes float of others");
}

/// Calls work(T()) with the pixels' type: std::uint8_t, std::uint16_t or float.
/// @throws DecodeError for another depth
template <class F>
void with_pixel_type(int depth, F&& work) {
  switch (depth) {
    case CV_8U:
      return work(std::uint8_t{});
    case CV_16U:
      return work(std::uint16_t{});
    case CV_32F:
      return work(float{});
    default:
      throw_unknown_depth();
  }
}

/// @throws DecodeError when the pixels have more than one channel
inline void check_one_channel(const cv::Mat& pixels) {
  if (pixels.channels() != 1) throw DecodeError("it takes 1 channel; put color(gray) before it");
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_PIXEL_TYPE_H_
