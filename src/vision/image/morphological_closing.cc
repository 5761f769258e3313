#include "vision/image/morphological_closing.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace conveyor::vision {
namespace {

using Plane = std::vector<unsigned char>;

struct Or {
  static unsigned char join(unsigned char a, unsigned char b) { return a | b; }
};
struct And {
  static unsigned char join(unsigned char a, unsigned char b) { return a & b; }
};

/// to[i] = from[i] joined with from[i + shift].
template <class Join>
void join_shifted(const unsigned char* __restrict from, unsigned char* __restrict to, std::size_t size,
                  std::size_t shift) {
  for (std::size_t i = 0; i + shift < size; ++i) to[i] = Join::join(from[i], from[i + shift]);
}

/// Joins each element with the width - 1 that follow at distances of `stride`, in steps that double what is joined.
template <class Join>
void join_window(Plane& plane, Plane& other, std::size_t stride, std::size_t width) {
  const auto step = [&](std::size_t elements) {
    join_shifted<Join>(plane.data(), other.data(), plane.size(), elements * stride);
    plane.swap(other);
  };
  std::size_t joined = 1;
  for (; 2 * joined <= width; joined *= 2) step(joined);
  if (joined < width) step(width - joined);
}

}  // namespace

void close(cv::Mat& mask, int radius) {
  if (radius == 0) return;
  thread_local Plane plane, other;
  // A window begins at its element instead of lying around it, so that dilation and erosion each move the image by
  // radius. The margin makes up for that, and separates the end of a row from the beginning of the next.
  const auto margin = 2 * static_cast<std::size_t>(radius);
  const auto rows = static_cast<std::size_t>(mask.rows), cols = static_cast<std::size_t>(mask.cols);
  const std::size_t stride = cols + 2 * margin, window = margin + 1;
  plane.assign((rows + 2 * margin) * stride, 0);
  other.assign(plane.size(), 0);
  for (std::size_t y = 0; y < rows; ++y) {
    std::memcpy(&plane[(y + margin) * stride + margin], mask.ptr(static_cast<int>(y)), cols);
  }
  join_window<Or>(plane, other, 1, window);
  join_window<Or>(plane, other, stride, window);
  join_window<And>(plane, other, 1, window);
  join_window<And>(plane, other, stride, window);
  for (std::size_t y = 0; y < rows; ++y) std::memcpy(mask.ptr(static_cast<int>(y)), &plane[y * stride], cols);
}

}  // namespace conveyor::vision
