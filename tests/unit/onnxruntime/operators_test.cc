#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "conveyor/onnxruntime/onnx.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/session.h"
#include "unit/onnxruntime/operator_form.h"
#include "unit/vision/expect_error.h"
#include "unit/vision/temporary_folder.h"

namespace conveyor::onnxruntime {
namespace {

/// From `image`, 1 x 3 x 6 x 8 and -2 to 2, the nodes make y; r is its absolute values and 0.5.
std::string network(const Form& form) {
  Graph graph{.nodes = {node("Abs", {"image"}, {"absolute"}), node("Add", {"absolute", "half"}, {"r"})},
              .weights = {one("half", 0.5F)},
              .inputs = {value("image", 1, {1, 3, 6, 8})},
              .outputs = {value("scores", 1, {1, -1})}};
  graph.nodes.insert(graph.nodes.end(), form.nodes.begin(), form.nodes.end());
  graph.nodes.push_back(node("Flatten", {"y"}, {"scores"}, {attribute("axis", 0)}));
  graph.weights.insert(graph.weights.end(), form.weights.begin(), form.weights.end());
  return model(graph.text(), form.opset);
}

std::map<int, double> scores(const std::shared_ptr<const vision::Model>& model) {
  cv::Mat image(6, 8, CV_8UC3);
  cv::RNG generator(7);
  generator.fill(image, cv::RNG::UNIFORM, 0, 256);
  vision::Session session(model);
  std::array<vision::Outcome, 1> outcomes;
  session.classify(std::array{image}, outcomes);
  EXPECT_EQ(outcomes[0].kind(), vision::Outcome::Kind::kPrediction) << outcomes[0].reason();
  std::map<int, double> found;
  for (const vision::Label& label : outcomes[0].labels()) found[label.index] = label.score;
  return found;
}

}  // namespace

void give_the_same_or_are_refused(const Form& form) {
  const vision::TemporaryFolder folder("conveyor_operators");
  const auto file = folder.write("network.onnx", network(form));
  const vision::OnnxOptions options{.scale = 4.0 / 255, .mean = {2, 2, 2}, .top = 0};
  const auto right = scores(onnxruntime::onnx(file, options));
  ASSERT_FALSE(right.empty());
  std::shared_ptr<const vision::Model> model;
  if (form.refused == kRightOrTold) {
    try {
      model = vision::onnx(file, options);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), errc::invalid_config);
      EXPECT_NE(std::string_view(error.what()).find("\"onnxruntime:\""), std::string_view::npos) << error.what();
      return;
    }
  } else if (form.refused) {
    EXPECT_ERROR(errc::invalid_config, form.refused, (void)vision::onnx(file, options));
    EXPECT_ERROR(errc::invalid_config, "ONNX Runtime runs it: \"onnxruntime:\"", (void)vision::onnx(file, options));
    return;
  }
  if (!model) model = vision::onnx(file, options);
  const auto opencvs = scores(model);
  ASSERT_EQ(opencvs.size(), right.size());
  for (const auto& [index, score] : right) {
    ASSERT_NEAR(opencvs.at(index), score, 1e-4 * std::max(1.0, std::abs(score))) << index;
  }
}

TEST_P(OpenCvOperators, GiveWhatOnnxRuntimeGivesOrAreRefused) { give_the_same_or_are_refused(GetParam()); }

namespace {

std::vector<Form> reductions() {
  std::vector<Form> forms;
  for (const std::string op : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
                               "ReduceMin", "ReduceSum", "ReduceSumSquare"}) {
    const bool sum = op == "ReduceSum";
    for (const int keep : {0, 1}) {
      const std::vector<std::string> axes = {attribute("keepdims", keep), attribute("axes", Shape{2, 3})};
      const std::string kept = keep ? "_kept" : "";
      forms.push_back({op + "_11" + kept, kRight, {node(op, {"r"}, {"y"}, axes)}, {}, 11});
      forms.push_back({op + "_18" + kept,
                       "its axes are an input",
                       {node(op, {"r", "axes"}, {"y"}, {attribute("keepdims", keep)})},
                       {ints("axes", {2, 3})},
                       18});
      forms.push_back({op + "_18_all" + kept, kRight, {node(op, {"r"}, {"y"}, {attribute("keepdims", keep)})}, {}, 18});
    }
    if (!sum) continue;
    forms.push_back({op + "_13", "its axes are an input", {node(op, {"r", "axes"}, {"y"})}, {ints("axes", {1})}, 13});
    forms.push_back({op + "_noop",
                     "noop_with_empty_axes",
                     {node(op, {"r"}, {"y"}, {attribute("noop_with_empty_axes", 1)})},
                     {},
                     13});
  }
  return forms;
}

std::vector<Form> softmaxes() {
  std::vector<Form> forms;
  const std::string flat = node("Flatten", {"image"}, {"flat"});
  for (const std::string op : {"Softmax", "LogSoftmax"}) {
    for (const int axis : {1, 2, -1}) {
      const std::string name = op + "_axis" + (axis < 0 ? "last" : std::to_string(axis));
      const std::vector<std::string> nodes = {node(op, {"r"}, {"y"}, {attribute("axis", axis)})};
      forms.push_back({name + "_11", axis == -1 ? kRight : "its axis is not known to be the last one", nodes, {}, 11});
      forms.push_back({name + "_13", kRight, nodes, {}, 13});
    }
    forms.push_back({op + "_flat_11", kRight, {flat, node(op, {"flat"}, {"y"}, {attribute("axis", 1)})}, {}, 11});
    forms.push_back({op + "_flat_default_11", kRight, {flat, node(op, {"flat"}, {"y"})}, {}, 11});
    forms.push_back({op + "_flat_default_13", kRight, {flat, node(op, {"flat"}, {"y"})}, {}, 13});
    forms.push_back({op + "_default_11", "its axis is not known", {node(op, {"r"}, {"y"})}, {}, 11});
    forms.push_back({op + "_default_13", "it has no axis", {node(op, {"r"}, {"y"})}, {}, 13});
  }
  return forms;
}

std::vector<Form> arithmetic() {
  std::vector<Form> forms;
  for (const std::string op : {"Add", "Sub", "Mul", "Div"}) {
    const bool div = op == "Div";
    forms.push_back({op + "_scalar", kRight, {node(op, {"r", "c"}, {"y"})}, {one("c", 0.7F)}});
    forms.push_back({op + "_channels", kRight, {node(op, {"r", "c"}, {"y"})}, {random("c", {1, 3, 1, 1}, 1, 2)}});
    forms.push_back({op + "_scalar_first",
                     div ? "it divides a constant" : kRight,
                     {node(op, {"c", "r"}, {"y"})},
                     {one("c", 0.7F)}});
    forms.push_back({op + "_channels_first",
                     div ? "it divides a constant" : kRight,
                     {node(op, {"c", "r"}, {"y"})},
                     {random("c", {3, 1, 1}, 1, 2)}});
    forms.push_back({op + "_same_first",
                     div ? "it divides a constant" : kRight,
                     {node(op, {"c", "r"}, {"y"})},
                     {random("c", {1, 3, 6, 8}, 1, 2)}});
    forms.push_back({op + "_layers", kRight, {node(op, {"image", "r"}, {"y"})}});
    forms.push_back(
        {op + "_pooled", kRight, {node("GlobalAveragePool", {"r"}, {"p"}), node(op, {"image", "p"}, {"y"})}});
  }
  forms.push_back({"Div_pooled_first",
                   "does not say that it divides the larger",
                   {node("GlobalAveragePool", {"r"}, {"p"}), node("Div", {"p", "r"}, {"y"})}});
  for (const std::string op : {"Equal", "Greater", "Less"}) {
    const std::string cast = node("Cast", {"z"}, {"y"}, {attribute("to", 1)});
    forms.push_back({op, "was not tried with it", {node(op, {"r", "c"}, {"z"}), cast}, {one("c", 1)}});
  }
  forms.push_back(
      {"Cast_to_int",
       "this is to int64",
       {node("Cast", {"r"}, {"z"}, {attribute("to", 7)}), node("Cast", {"z"}, {"y"}, {attribute("to", 1)})}});
  forms.push_back({"Clip_attributes",
                   kRight,
                   {node("Clip", {"image"}, {"y"}, {attribute("min", 0.0F), attribute("max", 1.0F)})},
                   {},
                   10});
  forms.push_back({"Clip_inputs",
                   "its limits are inputs",
                   {node("Clip", {"image", "a", "b"}, {"y"})},
                   {one("a", 0), one("b", 1)},
                   11});
  forms.push_back({"PRelu_channels", kRight, {node("PRelu", {"image", "s"}, {"y"})}, {random("s", {3, 1, 1})}});
  forms.push_back({"PRelu_one", kRight, {node("PRelu", {"image", "s"}, {"y"})}, {random("s", {1})}});
  forms.push_back(
      {"PRelu_columns", "not known to be one a channel", {node("PRelu", {"image", "s"}, {"y"})}, {random("s", {8})}});
  forms.push_back({"Pow", "was not tried with it", {node("Pow", {"r", "c"}, {"y"})}, {one("c", 1.5F)}});
  return forms;
}

std::vector<Form> convolutions() {
  std::vector<Form> forms;
  const auto strides = attribute("strides", Shape{2, 2}), twos = attribute("dilations", Shape{2, 2});
  const auto conv = [&](std::string name, const char* refused, std::vector<std::string> attributes,
                        std::int64_t side = 3) {
    attributes.push_back(attribute("kernel_shape", Shape{side, side}));
    forms.push_back({"Conv_" + name,
                     refused,
                     {node("Conv", {"image", "w", "b"}, {"y"}, attributes)},
                     {random("w", {4, 3, side, side}), random("b", {4})}});
  };
  conv("plain", kRight, {});
  conv("uneven_pads", kRight, {attribute("pads", Shape{0, 1, 2, 1}), strides});
  conv("dilated", kRight, {twos, attribute("pads", Shape{2, 2, 2, 2})});
  conv("same_upper", kRight, {attribute("auto_pad", "SAME_UPPER"), strides});
  conv("same_upper_even", kRight, {attribute("auto_pad", "SAME_UPPER")}, 2);
  conv("same_lower", "auto_pad SAME_LOWER", {attribute("auto_pad", "SAME_LOWER"), strides}, 2);
  conv("valid", kRight, {attribute("auto_pad", "VALID"), strides});
  const auto transposed = [&](std::string name, const char* refused, std::vector<std::string> attributes) {
    attributes.push_back(attribute("kernel_shape", Shape{3, 3}));
    forms.push_back({"ConvTranspose_" + name,
                     refused,
                     {node("ConvTranspose", {"image", "w"}, {"y"}, attributes)},
                     {random("w", {3, 4, 3, 3})}});
  };
  transposed("plain", kRight, {strides});
  transposed("padded", kRight,
             {strides, attribute("pads", Shape{1, 1, 1, 1}), attribute("output_padding", Shape{1, 1})});
  transposed("same_upper", "auto_pad SAME_UPPER", {strides, attribute("auto_pad", "SAME_UPPER")});
  transposed("output_shape", "output_shape", {strides, attribute("output_shape", Shape{12, 16})});
  transposed("dilated", "dilations", {twos});
  for (const std::string op : {"MaxPool", "AveragePool"}) {
    const auto pool = [&](const std::string& name, const char* refused, std::vector<std::string> attributes,
                          int opset = 11) {
      attributes.push_back(attribute("kernel_shape", Shape{3, 3}));
      forms.push_back({op + "_" + name, refused, {node(op, {"image"}, {"y"}, attributes)}, {}, opset});
    };
    const auto pads = attribute("pads", Shape{1, 1, 1, 1}), up = attribute("ceil_mode", 1);
    pool("padded", kRight, {strides, pads});
    pool("ceil", kRight, {strides, up});
    pool("same_upper", kRight, {strides, attribute("auto_pad", "SAME_UPPER")});
    pool("same_lower", "auto_pad SAME_LOWER", {strides, attribute("auto_pad", "SAME_LOWER")});
    pool("ceil_padded", "ceil_mode with padding",
         {attribute("strides", Shape{3, 3}), up, attribute("pads", Shape{0, 0, 1, 1})});
    pool("ceil_wide", "ceil_mode with strides over", {attribute("strides", Shape{4, 4}), up});
    pool("dilated", "dilations", {twos}, 19);
    if (op == "AveragePool") pool("counts_padding", "count_include_pad", {pads, attribute("count_include_pad", 1)});
  }
  return forms;
}

std::vector<Form> shapes() {
  std::vector<Form> forms;
  const auto concat = [](const std::vector<std::string>& inputs) {
    return node("Concat", inputs, {"y"}, {attribute("axis", 1)});
  };
  const std::string c = random("c", {1, 2, 6, 8});
  forms.push_back({"Concat", kRight, {node("Neg", {"r"}, {"n"}), concat({"n", "r"})}});
  forms.push_back({"Concat_constant", kRight, {concat({"r", "c"})}, {c}});
  forms.push_back({"Concat_constant_first", kRight, {concat({"c", "r"})}, {c}});
  forms.push_back({"Concat_one", kRight, {concat({"r"})}});
  forms.push_back({"Concat_input", "it joins the network's input", {concat({"image", "c"})}, {c}});
  const auto split = [&](const std::string& name, const char* refused, const std::vector<std::string>& inputs,
                         const std::vector<std::string>& attributes, const Shape& parts, int opset) {
    forms.push_back(
        {"Split_" + name,
         refused,
         {node("Split", inputs, {"a", "b"}, attributes), node("Concat", {"b", "a"}, {"y"}, {attribute("axis", 3)})},
         {ints("parts", parts)},
         opset});
  };
  const auto last = attribute("axis", 3);
  split("11", kRight, {"r"}, {last, attribute("split", Shape{2, 6})}, {}, 11);
  split("13_even", kRight, {"r", "parts"}, {last}, {4, 4}, 13);
  split("13_uneven", "its parts are of different sizes", {"r", "parts"}, {last}, {2, 6}, 13);
  split("18", kRight, {"r"}, {last, attribute("num_outputs", 2)}, {}, 18);
  const auto slice = [&](const std::string& name, std::int64_t begin, std::int64_t end, std::int64_t axis,
                         std::int64_t step) {
    forms.push_back({"Slice_" + name,
                     kRight,
                     {node("Slice", {"r", "begin", "end", "axis", "step"}, {"y"})},
                     {ints("begin", {begin}), ints("end", {end}), ints("axis", {axis}), ints("step", {step})}});
  };
  slice("middle", 1, 3, 2, 1), slice("from_the_end", -3, -1, -1, 1), slice("steps", 1, 8, 3, 3);
  slice("to_the_end", 2, std::numeric_limits<std::int64_t>::max(), 1, 1);
  const auto gather = [&](const std::string& name, const char* refused, int axis, const Shape& places) {
    forms.push_back({"Gather_" + name,
                     refused,
                     {node("Gather", {"r", "at"}, {"y"}, {attribute("axis", axis)})},
                     {places.size() == 1 ? integers("at", {}, places) : ints("at", places)}});
  };
  gather("one", kRight, 1, {2});
  gather("two", "one place, counted from the front", 1, {0, 2});
  gather("from_the_end", "one place, counted from the front", 2, {-1});
  gather("last_axis", "its axis is counted from the end", -1, {0});
  forms.push_back(
      {"CumSum", "was not tried with it", {node("CumSum", {"r", "axis"}, {"y"})}, {integers("axis", {}, {1})}});
  const auto pad = [&](const std::string& name, const char* mode, const Shape& pads) {
    forms.push_back(
        {"Pad_" + name, kRight, {node("Pad", {"r", "pads"}, {"y"}, {attribute("mode", mode)})}, {ints("pads", pads)}});
  };
  pad("constant", "constant", {0, 1, 1, 2, 0, 0, 2, 0}), pad("reflect", "reflect", {0, 0, 1, 2, 0, 0, 2, 1});
  pad("edge", "edge", {0, 0, 1, 2, 0, 0, 2, 1});
  forms.push_back({"Squeeze_13",
                   "its axes are an input",
                   {node("GlobalMaxPool", {"r"}, {"p"}), node("Squeeze", {"p", "axes"}, {"y"})},
                   {ints("axes", {3})}});
  forms.push_back({"Unsqueeze_13", kRight, {node("Unsqueeze", {"r", "axes"}, {"y"})}, {ints("axes", {1})}});
  forms.push_back({"Reshape", kRight, {node("Reshape", {"r", "to"}, {"y"})}, {ints("to", {0, -1, 8})}});
  forms.push_back({"Reshape_allowzero",
                   "allowzero",
                   {node("Reshape", {"r", "to"}, {"y"}, {attribute("allowzero", 1)})},
                   {ints("to", {1, 18, 8})},
                   14});
  forms.push_back({"Transpose", kRight, {node("Transpose", {"r"}, {"y"}, {attribute("perm", Shape{0, 2, 3, 1})})}});
  return forms;
}

std::vector<Form> resizes() {
  std::vector<Form> forms;
  const auto resize = [&](const std::string& name, const char* refused, const char* mode, const char* places,
                          const std::vector<float>& scales, std::vector<std::string> attributes = {}, int opset = 13) {
    attributes.push_back(attribute("mode", mode));
    attributes.push_back(attribute("coordinate_transformation_mode", places));
    forms.push_back({"Resize_" + name,
                     refused,
                     {node("Resize", {"r", "", "scales"}, {"y"}, attributes)},
                     {floats("scales", {4}, scales)},
                     opset});
  };
  const std::vector<float> twice = {1, 1, 2, 2}, half = {1, 1, 0.5, 0.5}, more = {1, 1, 1.5, 1.5};
  const auto floor = attribute("nearest_mode", "floor");
  for (const std::string places : {"half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"}) {
    resize("linear_" + places, kRight, "linear", places.c_str(), more);
    resize("linear_half_" + places, kRight, "linear", places.c_str(), half);
    if (places == "asymmetric") continue;
    resize("nearest_" + places, "nearest, but not as", "nearest", places.c_str(), more, {floor});
  }
  resize("nearest", kRight, "nearest", "asymmetric", more, {floor});
  resize("nearest_half", kRight, "nearest", "asymmetric", half, {floor});
  resize("nearest_round", "nearest, but not as", "nearest", "asymmetric", more, {attribute("nearest_mode", "ceil")});
  resize("symmetric", "coordinate_transformation_mode", "linear", "half_pixel_symmetric", more, {}, 19);
  resize("cubic", "mode", "cubic", "half_pixel", twice);
  resize("channels", "heights and widths alone", "nearest", "asymmetric", {1, 2, 2, 2}, {floor});
  resize("antialias", "antialias", "linear", "half_pixel", half, {attribute("antialias", 1)}, 18);
  return forms;
}

std::vector<Form> networks() {
  std::vector<Form> forms;
  const std::string flat = node("Flatten", {"image"}, {"flat"});
  const auto gemm = [&](const std::string& name, const char* refused, std::vector<std::string> attributes) {
    attributes.push_back(attribute("transB", 1));
    forms.push_back({"Gemm_" + name,
                     refused,
                     {flat, node("Gemm", {"flat", "w", "b"}, {"y"}, attributes)},
                     {random("w", {4, 144}), random("b", {4})}});
  };
  gemm("plain", kRight, {});
  gemm("alpha", "alpha or beta is not 1", {attribute("alpha", 0.5F)});
  gemm("beta", "alpha or beta is not 1", {attribute("beta", 2.0F)});
  forms.push_back({"MatMul", kRight, {flat, node("MatMul", {"flat", "w"}, {"y"})}, {random("w", {144, 4})}});
  forms.push_back({"MatMul_of_layers",
                   "two computed tensors",
                   {node("Transpose", {"image"}, {"t"}, {attribute("perm", Shape{0, 1, 3, 2})}),
                    node("MatMul", {"image", "t"}, {"z"}), node("Relu", {"z"}, {"y"})}});
  forms.push_back({"BatchNormalization_flat",
                   "not known to have 4 dimensions",
                   {node("Flatten", {"r"}, {"flat"}), node("BatchNormalization", {"flat", "s", "b", "s", "v"}, {"z"}),
                    node("Relu", {"z"}, {"y"})},
                   {random("s", {144}), random("b", {144}), random("v", {144}, 1, 2)}});
  forms.push_back({"BatchNormalization",
                   kRight,
                   {node("BatchNormalization", {"image", "s", "b", "m", "v"}, {"y"})},
                   {random("s", {3}), random("b", {3}), random("m", {3}), random("v", {3}, 1, 2)}});
  forms.push_back({"InstanceNormalization",
                   kRight,
                   {node("InstanceNormalization", {"image", "s", "b"}, {"y"}, {attribute("epsilon", 0.1F)})},
                   {random("s", {3}), random("b", {3})}});
  const auto lstm = [&](const std::string& name, const char* refused, const char* direction,
                        const std::vector<std::string>& outputs) {
    forms.push_back(
        {"LSTM_" + name,
         refused,
         {node("Reshape", {"r", "to"}, {"rows"}),
          node("LSTM", {"rows", "w", "u"}, outputs, {attribute("hidden_size", 4), attribute("direction", direction)})},
         {ints("to", {18, 1, 8}), random("w", {1, 16, 8}), random("u", {1, 16, 4})}});
  };
  lstm("forward", kRight, "forward", {"y"}), lstm("reverse", kRight, "reverse", {"y"});
  lstm("forward_last", kRight, "forward", {"", "y"});
  lstm("reverse_last", "the last state of direction reverse", "reverse", {"", "y"});
  forms.push_back({"Gelu", "was not tried with it", {node("Gelu", {"image"}, {"y"})}, {}, 20});
  forms.push_back({"opset_23", "its opset is 23", {node("Relu", {"image"}, {"y"})}, {}, 23});
  for (const int opset : {7, 11, 13, 18, 22}) {
    for (const std::string op :
         {"Relu", "Sigmoid", "Tanh", "Exp", "Elu", "LeakyRelu", "Softplus", "HardSigmoid", "Neg"}) {
      forms.push_back({op + "_" + std::to_string(opset), kRight, {node(op, {"image"}, {"y"})}, {}, opset});
    }
  }
  return forms;
}

INSTANTIATE_TEST_SUITE_P(Reductions, OpenCvOperators, ::testing::ValuesIn(reductions()), by_name);
INSTANTIATE_TEST_SUITE_P(Softmaxes, OpenCvOperators, ::testing::ValuesIn(softmaxes()), by_name);
INSTANTIATE_TEST_SUITE_P(Arithmetic, OpenCvOperators, ::testing::ValuesIn(arithmetic()), by_name);
INSTANTIATE_TEST_SUITE_P(Convolutions, OpenCvOperators, ::testing::ValuesIn(convolutions()), by_name);
INSTANTIATE_TEST_SUITE_P(Shapes, OpenCvOperators, ::testing::ValuesIn(shapes()), by_name);
INSTANTIATE_TEST_SUITE_P(Resizes, OpenCvOperators, ::testing::ValuesIn(resizes()), by_name);
INSTANTIATE_TEST_SUITE_P(Networks, OpenCvOperators, ::testing::ValuesIn(networks()), by_name);

}  // namespace
}  // namespace conveyor::onnxruntime
