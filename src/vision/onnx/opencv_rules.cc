#include "vision/onnx/opencv_rules.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "vision/onnx/opencv_arithmetic.h"

namespace conveyor::vision {
namespace {

bool all_are(const OnnxAttribute* list, std::int64_t value) {
  return !list || std::all_of(list->ints.begin(), list->ints.end(), [=](std::int64_t each) { return each == value; });
}

std::string_view input(const OnnxNode& node, std::size_t i) {
  return i < node.inputs.size() ? node.inputs[i] : std::string_view();
}

std::string clip(const OnnxNode& node, const OpenCvContext&) {
  return input(node, 1).empty() && input(node, 2).empty() ? "" : "its limits are inputs";
}

std::string reduce(const OnnxNode& node, const OpenCvContext&) {
  if (node.integer("noop_with_empty_axes", 0) != 0) return "noop_with_empty_axes";
  return input(node, 1).empty() ? "" : "its axes are an input";
}

/// Before opset 13, Softmax spans all dimensions from the axis on. OpenCV takes the axis alone, and 1 where none is
/// given.
std::string softmax(const OnnxNode& node, const OpenCvContext& in) {
  const int rank =
      in.values.rank(node.inputs[0]) >= 0 ? in.values.rank(node.inputs[0]) : in.values.rank(node.outputs[0]);
  const bool said = node.attribute("axis") != nullptr;
  if (in.opset >= 13) return said || rank == 2 ? "" : "it has no axis";
  const std::int64_t axis = node.integer("axis", 1);
  return axis == -1 || (rank > 0 && axis == rank - 1) ? "" : "its axis is not known to be the last one, in this opset";
}

std::string padded(const OnnxNode& node, const OpenCvContext&) {
  const std::string_view pad = node.text("auto_pad", "NOTSET");
  if (pad == "SAME_LOWER") return "auto_pad SAME_LOWER";
  if (node.op == "ConvTranspose") {
    if (pad == "SAME_UPPER") return "auto_pad SAME_UPPER";
    if (node.attribute("output_shape")) return "output_shape";
    if (!all_are(node.attribute("dilations"), 1)) return "dilations";
  }
  return pad == "SAME_UPPER" && !all_are(node.attribute("dilations"), 1) ? "auto_pad with dilations" : "";
}

/// Whether the input is missing, or a constant of that many numbers.
bool has(const OnnxNode& node, const OpenCvContext& in, std::size_t i, std::int64_t count) {
  const OnnxTensor* tensor = in.values.constant(input(node, i));
  return !tensor || static_cast<std::int64_t>(tensor->elements()) == count;
}

std::string convolution(const OnnxNode& node, const OpenCvContext& in) {
  if (std::string wrong = padded(node, in); !wrong.empty()) return wrong;
  const OnnxTensor* weights = in.values.constant(node.inputs[1]);
  if (!weights || weights->shape.size() < 3) return "its weights are computed, or have too few dimensions";
  const auto& shape = weights->shape;
  const std::int64_t outputs = node.op == "Conv" ? shape[0] : shape[1] * node.integer("group", 1);
  if (!has(node, in, 2, outputs)) return "it has not one bias an output";
  const OnnxAttribute* kernel = node.attribute("kernel_shape");
  const bool fits = !kernel || std::equal(kernel->ints.begin(), kernel->ints.end(), shape.begin() + 2, shape.end());
  return fits ? "" : "kernel_shape is not that of its weights";
}

std::string pool(const OnnxNode& node, const OpenCvContext& in) {
  if (std::string wrong = padded(node, in); !wrong.empty()) return wrong;
  if (!all_are(node.attribute("dilations"), 1)) return "dilations";
  const bool is_padded = !all_are(node.attribute("pads"), 0) || node.text("auto_pad", "NOTSET") == "SAME_UPPER";
  if (node.integer("count_include_pad", 0) != 0 && is_padded) return "count_include_pad";
  if (node.integer("ceil_mode", 0) == 0) return {};
  if (is_padded) return "ceil_mode with padding";
  const OnnxAttribute *kernel = node.attribute("kernel_shape"), *strides = node.attribute("strides");
  for (std::size_t i = 0; kernel && strides && i < std::min(kernel->ints.size(), strides->ints.size()); ++i) {
    if (strides->ints[i] > kernel->ints[i]) return "ceil_mode with strides over its kernel's sides";
  }
  return {};
}

std::string gemm(const OnnxNode& node, const OpenCvContext&) {
  const auto is_one = [&](const char* name) {
    const OnnxAttribute* factor = node.attribute(name);
    return !factor || factor->f == 1.0F;
  };
  if (!is_one("alpha") || !is_one("beta")) return "alpha or beta is not 1";
  return node.integer("transA", 0) == 0 ? "" : "transA";
}

std::string local_response(const OnnxNode& node, const OpenCvContext&) {
  return node.integer("size", 0) % 2 == 1 ? "" : "its size is even";
}

bool one_a_channel(const OnnxNode& node, const OpenCvContext& in, std::size_t inputs) {
  const std::int64_t channels = in.values.channels(node.inputs[0]);
  for (std::size_t i = 1; i < inputs; ++i) {
    if (!in.values.constant(node.inputs[i]) || !has(node, in, i, channels)) return false;
  }
  return true;
}

std::string instance_normalization(const OnnxNode& node, const OpenCvContext& in) {
  return one_a_channel(node, in, 3) ? "" : "its numbers are not known to be one a channel";
}

/// OpenCV drops an activation that follows the product of two computed tensors.
std::string matmul(const OnnxNode& node, const OpenCvContext& in) {
  return in.values.constant(node.inputs[1]) ? "" : "it multiplies two computed tensors";
}

std::string batch_normalization(const OnnxNode& node, const OpenCvContext& in) {
  if (in.values.rank(node.inputs[0]) != 4) return "its input is not known to have 4 dimensions";
  if (node.integer("training_mode", 0) != 0) return "training_mode";
  if (!one_a_channel(node, in, 5)) return "its numbers are not known to be one a channel";
  return node.integer("spatial", 1) == 1 ? "" : "spatial=0";
}

/// OpenCV has the parts of a Concat written in place, which leaves out the network's input: no layer writes it.
std::string concat(const OnnxNode& node, const OpenCvContext& in) {
  const bool joins_input = std::any_of(node.inputs.begin(), node.inputs.end(), [&](std::string_view value) {
    return !in.values.producer(value) && !in.values.constant(value);
  });
  return joins_input ? "it joins the network's input to something" : "";
}

std::string split(const OnnxNode& node, const OpenCvContext& in) {
  if (input(node, 1).empty()) return {};
  const auto sizes = in.values.numbers(node.inputs[1]);
  const bool even =
      sizes && std::all_of(sizes->begin(), sizes->end(), [&](double size) { return size == sizes->at(0); });
  return even ? "" : "its parts are of different sizes";
}

std::string gather(const OnnxNode& node, const OpenCvContext& in) {
  const auto indices = in.values.numbers(node.inputs[1]);
  if (!indices || indices->size() != 1 || indices->at(0) < 0)
    return "it does not take one place, counted from the front";
  return node.integer("axis", 0) >= 0 ? "" : "its axis is counted from the end";
}

/// Whether it certainly keeps the number of samples and channels.
bool resizes_sides_only(const OnnxNode& node, const OpenCvContext& in) {
  const std::string_view scales = node.op == "Upsample" || in.opset < 11 ? input(node, 1) : input(node, 2);
  if (!scales.empty()) {
    const auto by = in.values.numbers(scales);
    return by && by->size() == 4 && by->at(0) == 1 && by->at(1) == 1;
  }
  const auto to = in.values.numbers(input(node, 3));
  const auto* shape = in.values.shape(node.inputs[0]);
  if (!to) return true;
  if (to->size() != 4) return false;
  for (std::size_t i = 0; shape && shape->size() == 4 && i < 2; ++i) {
    if (shape->at(i) != -1 && static_cast<double>(shape->at(i)) != to->at(i)) return false;
  }
  return true;
}

std::string resize(const OnnxNode& node, const OpenCvContext& in) {
  if (!resizes_sides_only(node, in))
    return "it does not resize heights and widths alone, by scales or to sizes in the file";
  if (node.integer("antialias", 0) != 0) return "antialias";
  if (node.integer("exclude_outside", 0) != 0) return "exclude_outside";
  if (node.attribute("axes")) return "axes";
  if (node.text("keep_aspect_ratio_policy", "stretch") != "stretch") return "keep_aspect_ratio_policy";
  if (in.opset < 11) return node.text("mode", "nearest") == "nearest" ? "" : "mode before opset 11";
  const std::string_view mode = node.text("mode", "nearest");
  const std::string_view places = node.text("coordinate_transformation_mode", "half_pixel");
  const std::string_view nearest = node.text("nearest_mode", "round_prefer_floor");
  if (mode == "linear") {
    const bool tried =
        places == "half_pixel" || places == "pytorch_half_pixel" || places == "asymmetric" || places == "align_corners";
    return tried ? "" : "coordinate_transformation_mode";
  }
  if (mode != "nearest") return "mode";
  return places == "asymmetric" && nearest == "floor" ? "" : "nearest, but not as asymmetric and floor";
}

std::string upsample(const OnnxNode& node, const OpenCvContext& in) {
  if (node.text("mode", "nearest") != "nearest") return "mode";
  return input(node, 1).empty() || !resizes_sides_only(node, in)
             ? "its scales are not those of heights and widths alone"
             : "";
}

std::string cast(const OnnxNode& node, const OpenCvContext&) {
  constexpr std::int64_t kDouble = 11;
  const std::int64_t to = node.integer("to", 0);
  return to == kOnnxFloat || to == kDouble ? "" : "OpenCV's tensors stay float; this is to " + onnx_type_name(to);
}

std::string squeeze(const OnnxNode& node, const OpenCvContext&) {
  return input(node, 1).empty() ? "" : "its axes are an input";
}

std::string reshape(const OnnxNode& node, const OpenCvContext&) {
  return node.integer("allowzero", 0) == 0 ? "" : "allowzero";
}

std::string shape_of(const OnnxNode& node, const OpenCvContext&) {
  return node.attribute("start") || node.attribute("end") ? "start or end" : "";
}

std::string lstm(const OnnxNode& node, const OpenCvContext&) {
  for (std::size_t i = 4; i < node.inputs.size(); ++i) {
    if (!node.inputs[i].empty()) return "states, lengths or peepholes are inputs";
  }
  if (node.outputs.size() > 2 && !node.outputs[2].empty()) return "its cells are an output";
  const bool last = node.outputs.size() > 1 && !node.outputs[1].empty();
  return last && node.text("direction", "forward") == "reverse" ? "the last state of direction reverse" : "";
}

constexpr std::size_t kAnyNumber = 4096;

constexpr const char* kConv = "auto_pad dilations group kernel_shape pads strides output_padding output_shape";
constexpr const char* kPool = "auto_pad ceil_mode count_include_pad dilations kernel_shape pads storage_order strides";

constexpr std::pair<std::string_view, OpenCvOperator> kOperators[] = {
    {"ArgMax", {.attributes = "axis keepdims select_last_index"}},
    {"ArgMin", {.attributes = "axis keepdims select_last_index"}},
    {"AveragePool", {.attributes = kPool, .rule = pool}},
    {"BatchNormalization", {5, 5, "epsilon momentum spatial training_mode", batch_normalization}},
    {"Cast", {.attributes = "to saturate", .rule = cast}},
    {"Celu", {.attributes = "alpha"}},
    {"Clip", {1, 3, "min max", clip}},
    {"Concat", {1, kAnyNumber, "axis", concat}},
    {"Constant", {0, 0, "value"}},
    {"ConstantOfShape", {.attributes = "value"}},
    {"Conv", {2, 3, kConv, convolution}},
    {"ConvTranspose", {2, 3, kConv, convolution}},
    {"DepthToSpace", {.attributes = "blocksize mode"}},
    {"Div", {2, 2, "", opencv_divides}},
    {"Dropout", {1, 2, "ratio seed"}},
    {"Elu", {.attributes = "alpha"}},
    {"Expand", {2, 2}},
    {"Flatten", {.attributes = "axis"}},
    {"Gather", {2, 2, "axis", gather}},
    {"Gemm", {2, 3, "alpha beta transA transB", gemm}},
    {"HardSigmoid", {.attributes = "alpha beta"}},
    {"InstanceNormalization", {3, 3, "epsilon", instance_normalization}},
    {"LRN", {.attributes = "alpha beta bias size", .rule = local_response}},
    {"LSTM", {3, 8, "direction hidden_size", lstm}},
    {"LeakyRelu", {.attributes = "alpha"}},
    {"LogSoftmax", {.attributes = "axis", .rule = softmax}},
    {"MatMul", {2, 2, "", matmul}},
    {"MaxPool", {.attributes = kPool, .rule = pool}},
    {"Mul", {2, 2, "", opencv_multiplies}},
    {"PRelu", {2, 2, "", opencv_prelu}},
    {"Pad", {1, 3, "mode pads value"}},
    {"Reshape", {2, 2, "allowzero", reshape}},
    {"Resize",
     {1, 4,
      "antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside extrapolation_value "
      "keep_aspect_ratio_policy mode nearest_mode",
      resize}},
    {"Selu", {.attributes = "alpha gamma"}},
    {"Shape", {.attributes = "start end", .rule = shape_of}},
    {"Shrink", {.attributes = "bias lambd"}},
    {"Slice", {1, 5, "axes ends starts"}},
    {"Softmax", {.attributes = "axis", .rule = softmax}},
    {"SpaceToDepth", {.attributes = "blocksize"}},
    {"Split", {1, 2, "axis num_outputs split", split}},
    {"Squeeze", {1, 2, "axes", squeeze}},
    {"Sum", {2, kAnyNumber, "", opencv_adds}},
    {"ThresholdedRelu", {.attributes = "alpha"}},
    {"Transpose", {.attributes = "perm"}},
    {"Unsqueeze", {1, 2, "axes"}},
    {"Upsample", {1, 2, "mode", upsample}},
};

// One input, no attributes, no rule.
constexpr std::string_view kOfOneInput[] = {
    "Abs",      "Acos",          "Acosh",     "Asin",     "Asinh", "Atan",  "Atanh",
    "Ceil",     "Cos",           "Cosh",      "Erf",      "Exp",   "Floor", "GlobalAveragePool",
    "Log",      "GlobalMaxPool", "HardSwish", "Identity", "Mish",  "Neg",   "Reciprocal",
    "Relu",     "Round",         "Sigmoid",   "Sign",     "Sin",   "Sinh",  "Softplus",
    "Softsign", "Sqrt",          "Tan",       "Tanh"};

constexpr std::string_view kReductions[] = {"ReduceL1",   "ReduceL2",  "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
                                            "ReduceMean", "ReduceMin", "ReduceSum",    "ReduceSumSquare"};

const std::map<std::string_view, OpenCvOperator>& operators() {
  static const auto& known = *new std::map<std::string_view, OpenCvOperator>([] {
    std::map<std::string_view, OpenCvOperator> all(std::begin(kOperators), std::end(kOperators));
    for (const std::string_view op : kOfOneInput) all[op] = {};
    for (const char* op : {"Add", "Sub"}) all[op] = {2, 2, "", opencv_adds};
    for (const char* op : {"Max", "Min"}) all[op] = {2, kAnyNumber, "", opencv_takes_greatest};
    for (const std::string_view op : kReductions) all[op] = {1, 2, "axes keepdims noop_with_empty_axes", reduce};
    return all;
  }());
  return known;
}

}  // namespace

const OpenCvOperator* opencv_operator(std::string_view op) {
  const auto found = operators().find(op);
  return found == operators().end() ? nullptr : &found->second;
}

}  // namespace conveyor::vision
