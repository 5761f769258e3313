#include "vision/onnx/onnx_tree.h"

#include <algorithm>
#include <array>

namespace conveyor::vision {

std::span<const OnnxChild> onnx_children(OnnxMessage kind) {
  using enum OnnxMessage;
  // Field numbers of onnx.proto (onnx/onnx on GitHub); they never change.
  static constexpr std::array kInModel = {OnnxChild{7, kGraph, false}, OnnxChild{20, kTraining},
                                          OnnxChild{25, kFunction}};
  static constexpr std::array kInTraining = {OnnxChild{1, kGraph, false}, OnnxChild{2, kGraph, false}};
  static constexpr std::array kInGraph = {OnnxChild{1, kNode}, OnnxChild{5, kTensor}, OnnxChild{15, kSparseTensor}};
  static constexpr std::array kInNode = {OnnxChild{5, kAttribute}};
  static constexpr std::array kInAttribute = {
      OnnxChild{5, kTensor, false}, OnnxChild{6, kGraph, false},         OnnxChild{10, kTensor},
      OnnxChild{11, kGraph},        OnnxChild{22, kSparseTensor, false}, OnnxChild{23, kSparseTensor}};
  static constexpr std::array kInSparseTensor = {OnnxChild{1, kTensor, false}, OnnxChild{2, kTensor, false}};
  static constexpr std::array kInFunction = {OnnxChild{7, kNode}, OnnxChild{11, kAttribute}};
  switch (kind) {
    case kModel:
      return kInModel;
    case kTraining:
      return kInTraining;
    case kGraph:
      return kInGraph;
    case kNode:
      return kInNode;
    case kAttribute:
      return kInAttribute;
    case kSparseTensor:
      return kInSparseTensor;
    case kFunction:
      return kInFunction;
    case kTensor:
      break;
  }
  return {};
}

const OnnxChild* onnx_child(OnnxMessage kind, int number) {
  const auto children = onnx_children(kind);
  const auto found = std::find_if(children.begin(), children.end(), [&](const auto& c) { return c.number == number; });
  return found == children.end() ? nullptr : &*found;
}

}  // namespace conveyor::vision
