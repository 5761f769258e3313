#ifndef CONVEYOR_SRC_VISION_IMAGE_INPUT_CONVERSION_H_
#define CONVEYOR_SRC_VISION_IMAGE_INPUT_CONVERSION_H_

#include <opencv2/core/mat.hpp>
#include <string>

#include "conveyor/vision/classifier.h"
#include "conveyor/vision/preprocess.h"

// Converts what a preprocess chain leaves to what a classifier takes. Each decision depends on these two alone.

namespace conveyor::vision {

/// What is done to pixels: value * factor + offset, in another depth; then red and blue are swapped.
struct InputConversion {
  double factor = 1;
  double offset = 0;
  int depth = -1;      ///< CV_8U, CV_32F, ...; -1: it stays
  bool turns = false;  ///< R, G, B becomes B, G, R, or the other way

  [[nodiscard]] bool nothing() const { return factor == 1 && offset == 0 && depth < 0 && !turns; }
};

/// Whether the pixels have the size and channels asked for, and the depth or one that can become it. Any depth can
/// become float, without loss; pixels become 8 bit by the step `depth` only.
[[nodiscard]] bool is_shape(const InputSpec& input, const cv::Mat& pixels);

/// Why pixels of the sample cannot become what `input` asks for in size, channels, depth and range; empty: they can.
[[nodiscard]] std::string mismatch(const InputSpec& input, const Sample& sample);

/// @param sample one without mismatch()
[[nodiscard]] InputConversion conversion_for(const InputSpec& input, const Sample& sample);

/// "16 bit, 0 to 65535, becomes float, 0 to 255; R, G, B becomes B, G, R", or "nothing".
[[nodiscard]] std::string describe(const InputConversion& conversion, const InputSpec& input, const Sample& sample);

/// The pixels themselves where nothing is to be done, otherwise `buffer` with the converted ones.
[[nodiscard]] cv::Mat convert(const InputConversion& conversion, const cv::Mat& pixels, cv::Mat& buffer);

/// "64 x any, 3 channels, 8 bit, BGR, 0 to 255"
[[nodiscard]] std::string describe(const InputSpec& input);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_INPUT_CONVERSION_H_
