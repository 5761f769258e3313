#include "vision/onnx/onnx_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/utf8.h"
#include "conveyor/error.h"

namespace conveyor::vision {
namespace {

[[noreturn]] void invalid(std::string_view value, const char* what) {
  throw Error(errc::invalid_config, fmt::format("it is not an ONNX model: value \"{}\" {}", to_utf8(value, 100), what));
}

/// One tensor in, one of the same shape out.
bool is_elementwise(std::string_view op) {
  static constexpr std::array<std::string_view, 19> kOps = {
      "Abs", "Cast", "Clip", "Elu",        "Erf",     "Exp",      "HardSigmoid", "HardSwish", "Identity", "LeakyRelu",
      "Log", "Neg",  "Relu", "Reciprocal", "Sigmoid", "Softplus", "Sqrt",        "Tanh",      "Softmax"};
  return std::find(kOps.begin(), kOps.end(), op) != kOps.end();
}

bool is_arithmetic(std::string_view op) {
  static constexpr std::array<std::string_view, 7> kOps = {"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"};
  return std::find(kOps.begin(), kOps.end(), op) != kOps.end();
}

}  // namespace

OnnxValues::OnnxValues(const OnnxModel& model) {
  std::set<std::string_view> known;
  for (const auto& [name, tensor] : model.weights) {
    known.insert(name);
    constants_[name] = &tensor;
  }
  for (const OnnxValue& input : model.inputs) known.insert(input.name);
  for (const auto* declared : {&model.inputs, &model.outputs, &model.values}) {
    for (const OnnxValue& value : *declared) {
      if (value.has_shape) shapes_.insert_or_assign(value.name, value.shape);
    }
  }
  for (const OnnxNode& node : model.nodes) {
    for (const std::string_view input : node.inputs) {
      if (input.empty()) continue;
      if (!known.contains(input)) invalid(input, "is read before a node gives it");
      ++readers_[input];
    }
    for (const std::string_view output : node.outputs) {
      if (output.empty()) continue;
      if (!known.insert(output).second) invalid(output, "is given twice");
      producers_[output] = &node;
      const OnnxAttribute* value = node.op == "Constant" && node.domain.empty() ? node.attribute("value") : nullptr;
      if (value && value->t) constants_[output] = &*value->t;
    }
    const int rank = rank_given_by(node);
    const std::int64_t channels = channels_given_by(node);
    for (const std::string_view output : node.outputs) ranks_[output] = rank, channels_[output] = channels;
  }
  for (const OnnxValue& output : model.outputs) {
    if (!known.contains(output.name)) invalid(output.name, "is an output that no node gives");
    ++readers_[output.name];
  }
}

const OnnxTensor* OnnxValues::constant(std::string_view value) const {
  const auto found = constants_.find(value);
  return found == constants_.end() ? nullptr : found->second;
}

std::optional<std::vector<double>> OnnxValues::numbers(std::string_view value) const {
  const OnnxTensor* tensor = constant(value);
  return tensor ? tensor->numbers() : std::nullopt;
}

const std::vector<std::int64_t>* OnnxValues::shape(std::string_view value) const {
  if (const OnnxTensor* tensor = constant(value)) return &tensor->shape;
  const auto found = shapes_.find(value);
  return found == shapes_.end() ? nullptr : &found->second;
}

int OnnxValues::rank(std::string_view value) const {
  if (const auto* known = shape(value)) return static_cast<int>(known->size());
  const auto found = ranks_.find(value);
  return found == ranks_.end() ? -1 : found->second;
}

int OnnxValues::rank_given_by(const OnnxNode& node) const {
  const auto of = [&](std::size_t i) { return i < node.inputs.size() ? rank(node.inputs[i]) : -1; };
  if (!node.domain.empty()) return -1;
  if (node.op == "Gemm" || node.op == "Flatten") return 2;
  if (node.op == "Conv" || node.op == "ConvTranspose") return of(1);  // their weights have as many
  if (node.op == "Reshape") {
    const auto sides = node.inputs.size() > 1 ? numbers(node.inputs[1]) : std::nullopt;
    return sides ? static_cast<int>(sides->size()) : -1;
  }
  if (is_arithmetic(node.op) || node.op == "MatMul" || node.op == "Sum") {
    int most = -1;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (of(i) < 0) return -1;
      most = std::max(most, of(i));
    }
    return most;
  }
  if (node.op.starts_with("Reduce")) return node.integer("keepdims", 1) == 1 ? of(0) : -1;
  static constexpr std::array<std::string_view, 21> kKeep = {"AveragePool",
                                                             "BatchNormalization",
                                                             "Celu",
                                                             "Concat",
                                                             "DepthToSpace",
                                                             "Dropout",
                                                             "GlobalAveragePool",
                                                             "GlobalMaxPool",
                                                             "InstanceNormalization",
                                                             "LRN",
                                                             "LogSoftmax",
                                                             "MaxPool",
                                                             "Mish",
                                                             "PRelu",
                                                             "Pad",
                                                             "Resize",
                                                             "Selu",
                                                             "Slice",
                                                             "SpaceToDepth",
                                                             "Split",
                                                             "Transpose"};
  return is_elementwise(node.op) || std::find(kKeep.begin(), kKeep.end(), node.op) != kKeep.end() ? of(0) : -1;
}

std::int64_t OnnxValues::channels(std::string_view value) const {
  if (const auto* known = shape(value); known && known->size() > 1 && known->at(1) != -1) return known->at(1);
  const auto found = channels_.find(value);
  return found == channels_.end() ? -1 : found->second;
}

std::int64_t OnnxValues::reduced_channels(const OnnxNode& node) const {
  if (node.inputs.empty() || node.integer("keepdims", 1) != 1) return -1;
  std::vector<double> axes;
  if (const OnnxAttribute* list = node.attribute("axes")) {
    axes.assign(list->ints.begin(), list->ints.end());
  } else if (node.inputs.size() > 1 && !node.inputs[1].empty()) {
    const auto given = numbers(node.inputs[1]);
    if (!given) return -1;
    axes = *given;
  }
  const int from = rank(node.inputs[0]);
  for (const double axis : axes) {
    if (axis < 0 && from < 0) return -1;
    if (axis == 1 || (axis < 0 && axis + from == 1)) return 1;
  }
  return axes.empty() ? 1 : channels(node.inputs[0]);
}

std::int64_t OnnxValues::channels_given_by(const OnnxNode& node) const {
  const auto of = [&](std::size_t i) { return i < node.inputs.size() ? channels(node.inputs[i]) : -1; };
  if (!node.domain.empty()) return -1;
  if (node.op == "Conv" || node.op == "ConvTranspose") {
    const auto* weights = node.inputs.size() > 1 ? shape(node.inputs[1]) : nullptr;
    if (!weights || weights->size() < 2) return -1;
    constexpr std::int64_t kMostGroups = 1 << 24;
    return node.op == "Conv" ? weights->at(0)
                             : weights->at(1) * std::clamp<std::int64_t>(node.integer("group", 1), 1, kMostGroups);
  }
  if (node.op == "Concat" && node.integer("axis", 0) == 1) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (of(i) < 0) return -1;
      sum += of(i);
    }
    return sum;
  }
  if (is_arithmetic(node.op) || node.op == "Sum") {
    std::int64_t most = 1;  // 1 becomes what the others have
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (const OnnxTensor* tensor = constant(node.inputs[i]); tensor && tensor->elements() == 1) continue;
      if (!constant(node.inputs[i]) && of(i) > 1) return of(i);
      if (constant(node.inputs[i]) || of(i) < 0) most = -1;
    }
    return most;
  }
  if (node.op.starts_with("Reduce")) return reduced_channels(node);
  if (node.op == "Reshape") {
    const auto sides = node.inputs.size() > 1 ? numbers(node.inputs[1]) : std::nullopt;
    return sides && sides->size() > 1 && sides->at(1) >= 1 ? static_cast<std::int64_t>(sides->at(1)) : -1;
  }
  static constexpr std::array<std::string_view, 10> kKeep = {
      "AveragePool",   "BatchNormalization",    "Celu",    "Dropout", "GlobalAveragePool",
      "GlobalMaxPool", "InstanceNormalization", "MaxPool", "Mish",    "PRelu"};
  return is_elementwise(node.op) || std::find(kKeep.begin(), kKeep.end(), node.op) != kKeep.end() ? of(0) : -1;
}

const OnnxNode* OnnxValues::producer(std::string_view value) const {
  const auto found = producers_.find(value);
  return found == producers_.end() ? nullptr : found->second;
}

bool OnnxValues::is_read(std::string_view value) const { return readers_.contains(value); }

std::string_view OnnxValues::same_shape(std::string_view value) const {
  const auto is_one = [&](std::string_view input) {
    const OnnxTensor* tensor = constant(input);
    return tensor && tensor->elements() == 1 && tensor->shape.size() <= 1;
  };
  while (const OnnxNode* node = producer(value)) {
    if (!node->domain.empty() || node->inputs.empty()) break;
    if (is_elementwise(node->op)) {
      value = node->inputs[0];
    } else if (is_arithmetic(node->op) && node->inputs.size() == 2 && is_one(node->inputs[1])) {
      value = node->inputs[0];
    } else if (is_arithmetic(node->op) && node->inputs.size() == 2 && is_one(node->inputs[0])) {
      value = node->inputs[1];
    } else {
      break;
    }
  }
  return value;
}

}  // namespace conveyor::vision
