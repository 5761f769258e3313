#include "vision/onnx/opencv_operators.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "conveyor/error.h"
#include "vision/onnx/onnx_values.h"
#include "vision/onnx/opencv_rules.h"

namespace conveyor::vision {
namespace {

constexpr std::int64_t kOldestOpset = 7, kNewestOpset = 22;  // what was tried

/// What attributes may be.
struct Range {
  std::string_view attribute;
  std::int64_t least, most;
};
constexpr std::int64_t kMostPixels = 65535;
constexpr std::array<Range, 14> kRanges = {{{"axes", -32, 31},
                                            {"axis", -32, 31},
                                            {"blocksize", 1, 1024},
                                            {"dilations", 1, kMostPixels},
                                            {"group", 1, 1 << 24},
                                            {"hidden_size", 1, 1 << 24},
                                            {"kernel_shape", 1, kMostPixels},
                                            {"num_outputs", 1, 4096},
                                            {"output_padding", 0, kMostPixels},
                                            {"pads", 0, kMostPixels},
                                            {"perm", 0, 31},
                                            {"size", 1, kMostPixels},
                                            {"split", 1, 1 << 30},
                                            {"strides", 1, kMostPixels}}};

std::string out_of_range(const OnnxAttribute& attribute) {
  for (const auto& [name, least, most] : kRanges) {
    if (name != attribute.name) continue;
    std::vector<std::int64_t> values = attribute.ints;
    if (attribute.i) values.push_back(*attribute.i);
    for (const std::int64_t value : values) {
      if (value < least || value > most)
        return fmt::format("its {} is {}, not from {} to {}", name, value, least, most);
    }
  }
  return {};
}

std::string wrong_inputs(const OnnxNode& node, const OpenCvContext& in) {
  for (const std::string_view name : node.inputs) {
    const OnnxTensor* constant = in.values.constant(name);
    // Exporters pass an empty constant for the region of interest, which Resize does not use.
    if (constant && constant->elements() == 0 && node.op != "Resize") return "a constant of it has no numbers";
  }
  return {};
}

std::string wrong_with(const OnnxNode& node, const OpenCvContext& in) {
  const OpenCvOperator* known = opencv_operator(node.op);
  if (!known) return "OpenCV does not have it, or was not tried with it";
  const auto& [fewest, most, attributes, rule] = *known;
  const auto named = std::count_if(node.inputs.begin(), node.inputs.end(), [](auto name) { return !name.empty(); });
  if (static_cast<std::size_t>(named) < fewest || node.inputs.size() > most) {
    return fmt::format("it has {} inputs", node.inputs.size());
  }
  for (std::size_t i = 0; i < fewest; ++i) {
    if (node.inputs[i].empty()) return "an input is missing";
  }
  if (node.outputs.empty() || (node.outputs[0].empty() && node.op != "LSTM")) return "it gives nothing";
  for (std::size_t i = 1; i < node.outputs.size() && node.op != "Split" && node.op != "LSTM"; ++i) {
    if (in.values.is_read(node.outputs[i])) return "more of its outputs than the first one is used";
  }
  const std::string tried = fmt::format(" {} ", attributes);
  for (const OnnxAttribute& attribute : node.attributes) {
    if (node.attribute(attribute.name) != &attribute) return "it has an attribute twice";
    if (attribute.name.empty() || tried.find(fmt::format(" {} ", attribute.name)) == std::string::npos) {
      return fmt::format("OpenCV was not tried with its attribute {}", to_utf8(attribute.name, 100));
    }
    if (std::string wrong = out_of_range(attribute); !wrong.empty()) return wrong;
  }
  if (std::string wrong = wrong_inputs(node, in); !wrong.empty()) return wrong;
  return rule(node, in);
}

}  // namespace

void check_opencv_runs(const OnnxModel& model) {
  const OnnxValues values(model);
  const auto opset = model.opsets.find("");
  if (opset == model.opsets.end()) throw Error(errc::invalid_config, "it declares no opset");
  if (opset->second < kOldestOpset || opset->second > kNewestOpset) {
    throw Error(errc::invalid_config, fmt::format("its opset is {}; OpenCV was tried with {} to {}. {}", opset->second,
                                                  kOldestOpset, kNewestOpset, kOnnxRuntimeRunsIt));
  }
  for (const OnnxNode& node : model.nodes) {
    std::string wrong;
    if (node.domain.empty()) {
      wrong = wrong_with(node, {values, opset->second});
    } else if (node.domain == "com.microsoft") {
      wrong = "it is one of ONNX Runtime's own operators";
    } else if (node.inputs.empty() || node.inputs[0].empty() || node.outputs.empty() || node.outputs[0].empty()) {
      wrong = "an input or output is missing";  // otherwise it is a layer of somebody's own
    }
    if (wrong.empty()) continue;
    throw Error(errc::invalid_config,
                fmt::format("OpenCV does not run {} \"{}\" as it is meant: {}. {}", to_utf8(node.op, 100),
                            to_utf8(node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name, 100),
                            wrong, kOnnxRuntimeRunsIt));
  }
}

}  // namespace conveyor::vision
