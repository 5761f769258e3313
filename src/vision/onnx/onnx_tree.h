#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_TREE_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_TREE_H_

#include <span>
#include <string_view>

namespace conveyor::vision {

/// The messages of onnx.proto that may contain tensors.
enum class OnnxMessage { kModel, kTraining, kGraph, kNode, kAttribute, kTensor, kSparseTensor, kFunction };

struct OnnxChild {
  int number = 0;
  OnnxMessage kind = OnnxMessage::kTensor;
  bool repeated = true;
};

/// The fields of such a message through which tensors are reached.
[[nodiscard]] std::span<const OnnxChild> onnx_children(OnnxMessage kind);

/// The child in the field of that number; null: none is there.
[[nodiscard]] const OnnxChild* onnx_child(OnnxMessage kind, int number);

/// How deep subgraphs may be nested.
inline constexpr int kMostOnnxGraphs = 16;

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_TREE_H_
