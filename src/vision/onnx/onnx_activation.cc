#include "vision/onnx/onnx_activation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "base/utf8.h"
#include "conveyor/error.h"
#include "vision/onnx/onnx_words.h"

namespace conveyor::vision {
namespace {

/// The operator that computes the numbers of a value; shapes may change between it and the value.
std::string_view last_operator(const OnnxModel& model, std::string_view value) {
  for (auto node = model.nodes.rbegin(); node != model.nodes.rend(); ++node) {
    if (std::find(node->outputs.begin(), node->outputs.end(), value) == node->outputs.end()) continue;
    constexpr std::array<std::string_view, 7> kKeepNumbers = {"Cast",    "Flatten",   "Identity", "Reshape",
                                                              "Squeeze", "Transpose", "Unsqueeze"};
    const bool keeps = std::find(kKeepNumbers.begin(), kKeepNumbers.end(), node->op) != kKeepNumbers.end();
    if (!keeps || node->inputs.empty()) return node->op;
    value = node->inputs[0];
  }
  return {};
}

/// Whether this may be the output of boxes, which often ends with a sigmoid.
bool may_be_boxes(const OnnxValue& output, std::size_t outputs) {
  return outputs > 1 && (output.shape.empty() || output.shape.back() == 4 || output.shape.back() == -1);
}

}  // namespace

void activate(OnnxActivation activation, std::span<double> scores) {
  if (activation == OnnxActivation::kSigmoid) {
    for (double& score : scores) score = 1 / (1 + std::exp(-score));
  }
  if (activation != OnnxActivation::kSoftmax || scores.empty()) return;
  const double highest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - highest);
  for (double& score : scores) score /= sum;
}

void check_activation(OnnxActivation activation, const OnnxModel& model, const std::vector<OnnxValue>& outputs) {
  if (activation == OnnxActivation::kNone) return;
  for (const OnnxValue& output : outputs) {
    const std::string_view last = last_operator(model, output.name);
    if ((last != "Softmax" && last != "Sigmoid") || may_be_boxes(output, outputs.size())) continue;
    throw Error(errc::invalid_config,
                fmt::format("its output \"{}\" already comes from a {}, and activation={} would compute another: leave "
                            "activation out of its card and options, or say activation=none",
                            to_utf8(output.name, 100), last, word_of(kActivationWords, activation)));
  }
}

}  // namespace conveyor::vision
