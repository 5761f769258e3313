#include "vision/image/buffers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>

#include "vision/image/pixel_type.h"

namespace conveyor::vision {
namespace {

std::int64_t area(cv::Size size) { return std::int64_t{size.width} * size.height; }

template <class T>
void fill_as(cv::Mat& mat, double value) {
  for (int y = 0; y < mat.rows; ++y) {
    T* row = mat.ptr<T>(y);
    std::fill(row, row + std::ptrdiff_t{mat.cols} * mat.channels(), cv::saturate_cast<T>(value));
  }
}

}  // namespace

void fit(cv::Mat& mat, cv::Size size, int type) {
  if (mat.size() == size && mat.type() == type) return;
  cv::Size room = size;
  if (!mat.empty() && mat.type() == type) {
    cv::Size whole;
    cv::Point at;
    mat.locateROI(whole, at);
    if (at == cv::Point() && size.width <= whole.width && size.height <= whole.height) {
      mat.adjustROI(0, size.height - mat.rows, 0, size.width - mat.cols);
      return;
    }
    // Room for both sizes, so that two that alternate settle; but not for the rectangle around a long and a tall one.
    const cv::Size both(std::max(whole.width, size.width), std::max(whole.height, size.height));
    if (area(both) <= 2 * std::max(area(whole), area(size))) room = both;
  }
  mat.create(room, type);
  if (room != size) mat = mat(cv::Rect(cv::Point(), size));
}

void copy(const cv::Mat& from, cv::Mat& to) {
  fit(to, from.size(), from.type());
  from.copyTo(to);
}

void fill(cv::Mat& mat, double value) {
  switch (mat.depth()) {
    case CV_8U:
      return fill_as<std::uint8_t>(mat, value);
    case CV_16U:
      return fill_as<std::uint16_t>(mat, value);
    case CV_16S:
      return fill_as<std::int16_t>(mat, value);
    case CV_32F:
      return fill_as<float>(mat, value);
    default:
      throw_unknown_depth();
  }
}

}  // namespace conveyor::vision
