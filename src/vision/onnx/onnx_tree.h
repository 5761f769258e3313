#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_TREE_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_TREE_H_

#include <span>
#include <string_view>

namespace conveyor::vision {

/// The messages of onnx.proto that tensors lie in.
enum class OnnxMessage { kModel, kTraining, kGraph, kNode, kAttribute, kTensor, kSparseTensor, kFunction };

struct OnnxChild {
  int number = 0;
  OnnxMessage kind = OnnxMessage::kTensor;
  bool repeated = true;
};

/// The fields of a message of that kind that tensors lie in.
[[nodiscard]] std::span<const OnnxChild> onnx_children(OnnxMessage kind);

/// The child that a field of that number is, or null.
[[nodiscard]] const OnnxChild* onnx_child(OnnxMessage kind, int number);

/// How deep graphs may lie in each other's nodes.
inline constexpr int kMostOnnxGraphs = 16;

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_TREE_H_
