#ifndef SUPPORT_SCALED_H_
#define SUPPORT_SCALED_H_

#include <algorithm>
#include <opencv2/core/mat.hpp>
#include <opencv2/imgproc.hpp>

namespace support {

/// A picture scaled down to so many pixels of width, at least one pixel high. It shares the pixels of one that is not
/// wider, and with 0, which means as it is.
[[nodiscard]] inline cv::Mat scaled(const cv::Mat& pixels, int width) {
  if (width <= 0 || width >= pixels.cols) return pixels;
  cv::Mat small;
  cv::resize(pixels, small, cv::Size(width, std::max(1, pixels.rows * width / pixels.cols)), 0, 0, cv::INTER_AREA);
  return small;
}

}  // namespace support

#endif  // SUPPORT_SCALED_H_
