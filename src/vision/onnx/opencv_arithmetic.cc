#include "vision/onnx/opencv_arithmetic.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

namespace conveyor::vision {
namespace {

/// OpenCV takes the first dimension of a constant that is not 1 for the channels if its size fits, wherever it stands.
std::string scale_by(std::string_view constant, std::string_view scaled, const OpenCvContext& in) {
  const std::vector<std::int64_t>& shape = in.values.constant(constant)->shape;
  const auto first = std::find_if(shape.begin(), shape.end(), [](std::int64_t side) { return side != 1; });
  if (first == shape.end()) return {};
  constexpr int kUsualRank = 4;
  const auto from_the_end = static_cast<int>(shape.end() - first);
  const int rank = in.values.rank(scaled) >= 0 || from_the_end < kUsualRank - 1 ? in.values.rank(scaled) : kUsualRank;
  return rank >= 0 && rank - from_the_end <= 1 ? "" : "its constant is not known to begin with the channels";
}

}  // namespace

std::string opencv_multiplies(const OnnxNode& node, const OpenCvContext& in) {
  const bool first = in.values.constant(node.inputs[0]), second = in.values.constant(node.inputs[1]);
  if (first == second) return {};
  return first ? scale_by(node.inputs[0], node.inputs[1], in) : scale_by(node.inputs[1], node.inputs[0], in);
}

/// OpenCV broadcasts an input of one channel along another dimension if that is as long as there are channels.
std::string opencv_adds(const OnnxNode& node, const OpenCvContext& in) {
  for (const std::string_view value : node.inputs) {
    const std::string_view first = node.inputs[0];
    if (in.values.constant(first) || in.values.constant(value)) continue;
    if (in.values.same_shape(first) == in.values.same_shape(value)) continue;
    const std::int64_t one = in.values.channels(first), other = in.values.channels(value);
    if (one != other && (one == 1 || other == 1)) return "its inputs are not known to have equally many channels";
  }
  return {};
}

/// OpenCV ignores constant inputs of these operators.
std::string opencv_takes_greatest(const OnnxNode& node, const OpenCvContext& in) {
  const bool has_constant =
      std::any_of(node.inputs.begin(), node.inputs.end(), [&](auto value) { return in.values.constant(value); });
  return has_constant ? "one of its inputs is a constant" : "";
}

std::string opencv_divides(const OnnxNode& node, const OpenCvContext& in) {
  const std::string_view above = node.inputs[0], below = node.inputs[1];
  if (in.values.constant(above)) return "it divides a constant";
  if (in.values.constant(below)) return scale_by(below, above, in);
  const auto *one = in.values.shape(above), *other = in.values.shape(below);
  const auto is_fixed = [](const auto* shape) { return shape && std::count(shape->begin(), shape->end(), -1) == 0; };
  if (is_fixed(one) && is_fixed(other)) {
    const auto size = [](const auto& shape) {
      return std::accumulate(shape.begin(), shape.end(), 1.0,
                             [](double a, std::int64_t b) { return a * static_cast<double>(b); });
    };
    return size(*one) >= size(*other) ? "" : "it divides the smaller of two tensors";
  }
  const std::string_view from = in.values.same_shape(above), by = in.values.same_shape(below);
  const auto is_reduced = [&](std::string_view value) {
    const OnnxNode* from_node = in.values.producer(value);
    return from_node && (from_node->op.starts_with("Reduce") || from_node->op.starts_with("Global"));
  };
  return from == by || (is_reduced(by) && !is_reduced(from))
             ? ""
             : "the file does not say that it divides the larger tensor";
}

std::string opencv_prelu(const OnnxNode& node, const OpenCvContext& in) {
  const OnnxTensor* slope = in.values.constant(node.inputs[1]);
  if (!slope) return "its slope is computed";
  if (slope->elements() == 1) return {};
  const auto& shape = slope->shape;
  const std::size_t n = shape.size();
  const bool by_channel = (n == 3 || (n == 4 && shape[0] == 1)) && shape[n - 1] == 1 && shape[n - 2] == 1;
  const bool as_many = static_cast<std::int64_t>(slope->elements()) == in.values.channels(node.inputs[0]);
  return by_channel && as_many ? "" : "its slopes are not known to be one a channel";
}

}  // namespace conveyor::vision
