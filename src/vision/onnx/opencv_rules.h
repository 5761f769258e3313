#ifndef CONVEYOR_SRC_VISION_ONNX_OPENCV_RULES_H_
#define CONVEYOR_SRC_VISION_ONNX_OPENCV_RULES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "vision/onnx/onnx_values.h"

namespace conveyor::vision {

struct OpenCvContext {
  const OnnxValues& values;
  std::int64_t opset;
};

/// What OpenCV would do wrongly with a node of this operator; empty: it runs it as ONNX Runtime does.
using OpenCvRule = std::string (*)(const OnnxNode& node, const OpenCvContext& in);

/// An operator of ONNX that OpenCV is given.
struct OpenCvOperator {
  std::size_t fewest = 1, most = 1;  // inputs
  const char* attributes = "";       // those that were tried; a node with others is refused
  OpenCvRule rule = [](const OnnxNode&, const OpenCvContext&) { return std::string(); };
};

/// For an error, behind why OpenCV is not given a network.
inline constexpr const char* kOnnxRuntimeRunsIt = "ONNX Runtime runs it: \"onnxruntime:\", \"onnxruntime_detector:\"";

/// Null for an operator that OpenCV does not have or is not given.
[[nodiscard]] const OpenCvOperator* opencv_operator(std::string_view op);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_OPENCV_RULES_H_
