#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_PIXELS_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_PIXELS_H_

#include <string>

#include "conveyor/vision/onnx.h"
#include "conveyor/vision/preprocess.h"

namespace conveyor::vision {

/// Which range and channel order of pixels a network's scale, mean, deviation and rgb are made for.
///
/// Thread safety: immutable, share freely.
class OnnxPixels {
 public:
  OnnxPixels(const OnnxOptions& options, int channels);

  /// @throws Error with errc::invalid_config when scale and mean are for pixels of different ranges
  static void check(const OnnxOptions& options);

  /// The value of white that levels are to be brought to; 0: the options do not say.
  [[nodiscard]] double white() const noexcept { return white_; }
  /// Why the network must not get such pixels, as the chain left them, and what to change; empty: it may.
  [[nodiscard]] std::string refusal(const Sample& sample) const;
  /// "R, G, B of (pixel * 0.00392157 - mean) / deviation, ...", for people.
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] bool scales() const noexcept { return options_.scale != 1; }
  [[nodiscard]] bool takes_as_they_come() const noexcept { return white_ == 0 && !scales() && !normalizes_; }
  [[nodiscard]] std::string processed(const Sample& sample) const;
  [[nodiscard]] std::string another_white(const Sample& sample, double white) const;

  OnnxOptions options_;
  int channels_;
  bool normalizes_;
  double white_;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_PIXELS_H_
