#ifndef CONVEYOR_SRC_VISION_ONNX_OPENCV_ARITHMETIC_H_
#define CONVEYOR_SRC_VISION_ONNX_OPENCV_ARITHMETIC_H_

#include <string>

#include "vision/onnx/opencv_rules.h"

namespace conveyor::vision {

// Rules for element-wise operators of several tensors, where OpenCV 4.6 does not broadcast as ONNX says.

[[nodiscard]] std::string opencv_adds(const OnnxNode& node, const OpenCvContext& in);  ///< and subtracts
[[nodiscard]] std::string opencv_multiplies(const OnnxNode& node, const OpenCvContext& in);
[[nodiscard]] std::string opencv_divides(const OnnxNode& node, const OpenCvContext& in);
[[nodiscard]] std::string opencv_takes_greatest(const OnnxNode& node, const OpenCvContext& in);  ///< or least
[[nodiscard]] std::string opencv_prelu(const OnnxNode& node, const OpenCvContext& in);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_OPENCV_ARITHMETIC_H_
