#ifndef CONVEYOR_SRC_VISION_IMAGE_MASK_RUNS_H_
#define CONVEYOR_SRC_VISION_IMAGE_MASK_RUNS_H_

#include <cstdint>
#include <cstring>
#include <opencv2/core/mat.hpp>

#include "conveyor/error.h"

// Visits the pixels inside a mask as runs of neighbours, so that the inner loop has no condition in it.

namespace conveyor::vision {

/// The first of the bytes [from, to) that is not 0, or `to`.
inline int find_nonzero(const unsigned char* bytes, int from, int to) {
  for (std::uint64_t eight = 0; from + 8 <= to; from += 8) {
    std::memcpy(&eight, bytes + from, 8);
    if (eight != 0) break;
  }
  while (from < to && bytes[from] == 0) ++from;
  return from;
}

/// The first of the bytes [from, to) that is 0, or `to`.
inline int find_zero(const unsigned char* bytes, int from, int to) {
  if (from >= to) return to;
  const void* zero = std::memchr(bytes + from, 0, static_cast<std::size_t>(to - from));
  return zero == nullptr ? to : static_cast<int>(static_cast<const unsigned char*>(zero) - bytes);
}

/// Calls each(begin, end) for the runs of bytes in [0, width) that are not 0.
template <class F>
void for_each_run_of(const unsigned char* bytes, int width, F&& each) {
  for (int begin = find_nonzero(bytes, 0, width); begin < width;) {
    const int end = find_zero(bytes, begin, width);
    each(begin, end);
    begin = find_nonzero(bytes, end, width);
  }
}

/// Calls each(y, begin, end): the pixels of row y from begin up to end are inside. Without a mask all are.
template <class F>
void for_each_run(cv::Size size, const cv::Mat& mask, F&& each) {
  for (int y = 0; y < size.height; ++y) {
    if (mask.empty()) {
      each(y, 0, size.width);
    } else {
      for_each_run_of(mask.ptr(y), size.width, [&](int begin, int end) { each(y, begin, end); });
    }
  }
}

[[noreturn]] inline void throw_nothing_inside() { throw DecodeError("the mask is empty: no pixel is inside"); }
[[noreturn]] inline void throw_not_finite() { throw DecodeError("pixels inside are infinite or not numbers"); }

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_MASK_RUNS_H_
