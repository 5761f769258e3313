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

/// What is wrong with a node of an operator, in words; nothing: OpenCV runs it as ONNX Runtime does.
using OpenCvRule = std::string (*)(const OnnxNode& node, const OpenCvContext& in);

/// An operator of ONNX that OpenCV may get.
struct OpenCvOperator {
  std::size_t fewest = 1, most = 1;  // inputs
  const char* attributes = "";       // those that were tried; others must not be there
  OpenCvRule rule = [](const OnnxNode&, const OpenCvContext&) { return std::string(); };
};

/// Null for one that it has not, or does not get.
[[nodiscard]] const OpenCvOperator* opencv_operator(std::string_view op);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_OPENCV_RULES_H_
