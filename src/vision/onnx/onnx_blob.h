#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_BLOB_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_BLOB_H_

#include <cstddef>
#include <opencv2/core/mat.hpp>
#include <span>
#include <vector>

#include "conveyor/vision/onnx.h"
#include "vision/onnx/onnx_input.h"

namespace conveyor::vision {

/// The tensor that a network is fed with, filled from images again and again. One thread at a time.
class OnnxBlob {
 public:
  /// @param options with width and height; scale, mean, deviation and rgb say what becomes of pixels
  OnnxBlob(const OnnxInput& input, const OnnxOptions& options);

  /// @param images at least one and at most a batch, of the network's size and channels, B, G, R or gray; where they are
  ///               fewer than a batch, the rest is zeros
  void fill(std::span<const cv::Mat> images);
  /// In the layout and of the type of the network's input, in one piece; zeros before anything was filled in.
  [[nodiscard]] const cv::Mat& tensor() const noexcept { return tensor_; }
  /// A copy of the first image of it, as a batch of 1.
  [[nodiscard]] cv::Mat first() const;
  /// What becomes of pixels in the network's channel: pixel * factor + offset.
  [[nodiscard]] double factor(std::size_t channel) const { return options_.scale / options_.deviation[channel]; }
  [[nodiscard]] double offset(std::size_t channel) const {
    return -options_.mean[channel] / options_.deviation[channel];
  }

 private:
  void fill(std::size_t place, const cv::Mat& image);
  /// Sets the images from there on to zeros, which are the same bytes in all types.
  void clear(std::size_t from);

  OnnxInput input_;
  OnnxOptions options_;
  cv::Mat tensor_;
  std::vector<cv::Mat> planes_;  // of the image
  std::vector<cv::Mat> scaled_;  // of the network, in float
  cv::Mat joined_;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_BLOB_H_
