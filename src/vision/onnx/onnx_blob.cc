#include "vision/onnx/onnx_blob.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <opencv2/core.hpp>

namespace conveyor::vision {
namespace {

int depth_of(std::int64_t type) { return type == kOnnxUint8 ? CV_8U : type == kOnnxFloat16 ? CV_16F : CV_32F; }

}  // namespace

OnnxBlob::OnnxBlob(const OnnxInput& input, const OnnxOptions& options) : input_(input), options_(options) {
  const std::array<int, 4> first = {input.batch, input.channels, options.height, options.width};
  const std::array<int, 4> last = {input.batch, options.height, options.width, input.channels};
  tensor_.create(4, (input.channels_last ? last : first).data(), depth_of(input.type));
  clear(0);
  scaled_.resize(static_cast<std::size_t>(input.channels));
}

void OnnxBlob::fill(std::span<const cv::Mat> images) {
  for (std::size_t i = 0; i < images.size(); ++i) fill(i, images[i]);
  clear(images.size());
}

cv::Mat OnnxBlob::first() const {
  const std::array<int, 4> shape = {1, tensor_.size[1], tensor_.size[2], tensor_.size[3]};
  return cv::Mat(4, shape.data(), tensor_.type(), tensor_.data).clone();
}

void OnnxBlob::clear(std::size_t from) {
  const std::size_t image = tensor_.total() * tensor_.elemSize() / static_cast<std::size_t>(input_.batch);
  std::fill(tensor_.data + from * image, tensor_.data + tensor_.total() * tensor_.elemSize(), uchar{0});
}

void OnnxBlob::fill(std::size_t place, const cv::Mat& image) {
  const auto at = static_cast<int>(place);
  const bool as_it_is = tensor_.depth() == CV_32F && !input_.channels_last;
  cv::split(image, planes_);
  for (int c = 0; c < input_.channels; ++c) {
    const auto to = static_cast<std::size_t>(c);
    const std::size_t from = input_.channels == 3 && options_.rgb ? 2 - to : to;
    // A plane of the tensor, or one of its own where another type or order is needed.
    if (as_it_is) scaled_[to] = cv::Mat(image.rows, image.cols, CV_32F, tensor_.ptr(at, c));
    planes_[from].convertTo(scaled_[to], CV_32F, factor(to), offset(to));
    if (as_it_is || input_.channels_last) continue;
    cv::Mat plane(image.rows, image.cols, tensor_.depth(), tensor_.ptr(at, c));
    scaled_[to].convertTo(plane, tensor_.depth());
  }
  if (!input_.channels_last) return;
  cv::merge(scaled_, joined_);
  cv::Mat pixels(image.rows, image.cols, CV_MAKETYPE(tensor_.depth(), input_.channels), tensor_.ptr(at));
  joined_.convertTo(pixels, tensor_.depth());
}

}  // namespace conveyor::vision
