#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "unit/onnxruntime/operator_form.h"

namespace conveyor::onnxruntime {
namespace {

constexpr int kFloat = 1;

std::string to_float(const std::string& from) { return node("Cast", {from}, {"y"}, {attribute("to", kFloat)}); }

/// Places of the greatest or least; they are whole numbers.
std::vector<Form> places() {
  std::vector<Form> forms;
  for (const std::string op : {"ArgMax", "ArgMin"}) {
    const auto form = [&](const std::string& name, std::vector<std::string> attributes) {
      forms.push_back({op + "_" + name, kRight, {node(op, {"image"}, {"at"}, attributes), to_float("at")}});
    };
    form("default", {});
    for (const int axis : {1, 2, 3, -1}) {
      const std::string name = axis < 0 ? "last" : std::to_string(axis);
      form("axis_" + name, {attribute("axis", axis)});
      form("axis_" + name + "_dropped", {attribute("axis", axis), attribute("keepdims", 0)});
    }
    for (const int last : {0, 1}) {
      forms.push_back(
          {op + (last ? "_last_of_equals" : "_first_of_equals"),
           kRight,
           {node("Sign", {"image"}, {"s"}),
            node(op, {"s"}, {"at"}, {attribute("axis", 3), attribute("select_last_index", last)}), to_float("at")}});
    }
  }
  return forms;
}

std::vector<Form> constants() {
  std::vector<Form> forms;
  const auto constant = [](const std::string& value, const std::string& name) {
    return node("Constant", {}, {name}, {tensor_attribute("value", value)});
  };
  forms.push_back({"Constant_scalar", kRight, {constant(one("", 0.7F), "c"), node("Mul", {"r", "c"}, {"y"})}});
  forms.push_back(
      {"Constant_channels", kRight, {constant(random("", {1, 3, 1, 1}), "c"), node("Mul", {"r", "c"}, {"y"})}});
  forms.push_back(
      {"Constant_shape", kRight, {constant(ints("", {1, 18, 8}), "to"), node("Reshape", {"r", "to"}, {"y"})}});
  for (const bool said : {false, true}) {
    std::vector<std::string> value;
    if (said) value.push_back(tensor_attribute("value", floats("", {1}, {1.5F})));
    forms.push_back({said ? "ConstantOfShape_value" : "ConstantOfShape_zero",
                     kRight,
                     {node("ConstantOfShape", {"sides"}, {"c"}, value), node("Add", {"r", "c"}, {"y"})},
                     {ints("sides", {1, 3, 6, 8})}});
  }
  return forms;
}

std::vector<Form> moves() {
  std::vector<Form> forms;
  const std::string deep = node("Reshape", {"r", "to"}, {"deep"});
  for (const char* mode : {"DCR", "CRD"}) {
    forms.push_back(
        {std::string("DepthToSpace_") + mode,
         kRight,
         {deep, node("DepthToSpace", {"deep"}, {"y"}, {attribute("blocksize", 2), attribute("mode", mode)})},
         {ints("to", {1, 12, 3, 4})}});
  }
  forms.push_back({"DepthToSpace",
                   kRight,
                   {deep, node("DepthToSpace", {"deep"}, {"y"}, {attribute("blocksize", 2)})},
                   {ints("to", {1, 12, 3, 4})}});
  forms.push_back({"SpaceToDepth", kRight, {node("SpaceToDepth", {"r"}, {"y"}, {attribute("blocksize", 2)})}});
  for (const int opset : {7, 11, 13}) {
    forms.push_back({"Dropout_" + std::to_string(opset), kRight, {node("Dropout", {"r"}, {"y"})}, {}, opset});
  }
  const std::string pooled = node("GlobalMaxPool", {"r"}, {"p"});
  forms.push_back({"GlobalMaxPool", kRight, {node("GlobalMaxPool", {"image"}, {"y"})}});
  forms.push_back({"GlobalAveragePool", kRight, {node("GlobalAveragePool", {"image"}, {"y"})}});
  forms.push_back({"Expand_pooled", kRight, {pooled, node("Expand", {"p", "to"}, {"y"})}, {ints("to", {1, 3, 6, 8})}});
  forms.push_back(
      {"Expand_channels", kRightOrTold, {pooled, node("Expand", {"p", "to"}, {"y"})}, {ints("to", {6, 1})}});
  forms.push_back({"Expand_same", kRight, {node("Expand", {"r", "to"}, {"y"})}, {ints("to", {1, 3, 6, 8})}});
  forms.push_back({"Expand_constant",
                   kRightOrTold,
                   {node("Expand", {"c", "to"}, {"e"}), node("Add", {"r", "e"}, {"y"})},
                   {random("c", {1, 3, 1, 1}), ints("to", {1, 3, 6, 8})}});
  forms.push_back({"Expand_ones", kRight, {node("Expand", {"r", "to"}, {"y"})}, {ints("to", {1, 1, 6, 1})}});
  forms.push_back({"Expand_places",
                   kRight,
                   {node("ReduceMax", {"r"}, {"m"}, {attribute("axes", Shape{1})}), node("Expand", {"m", "to"}, {"y"})},
                   {ints("to", {1, 3, 6, 8})},
                   11});
  forms.push_back({"Expand_wide",
                   kRightOrTold,
                   {node("ReduceMax", {"r"}, {"m"}, {attribute("axes", Shape{3})}), node("Expand", {"m", "to"}, {"y"})},
                   {ints("to", {1, 3, 6, 5})},
                   11});
  for (const std::int64_t size : {1, 3, 5}) {
    forms.push_back({"LRN_" + std::to_string(size),
                     kRight,
                     {node("LRN", {"image"}, {"y"},
                           {attribute("size", size), attribute("alpha", 0.5F), attribute("beta", 0.6F),
                            attribute("bias", 1.5F)})}});
  }
  forms.push_back({"LRN_default", kRight, {node("LRN", {"image"}, {"y"}, {attribute("size", 3)})}});
  forms.push_back(
      {"Squeeze_11", kRight, {pooled, node("Squeeze", {"p"}, {"y"}, {attribute("axes", Shape{2, 3})})}, {}, 11});
  forms.push_back({"Squeeze_11_all", kRightOrTold, {pooled, node("Squeeze", {"p"}, {"y"})}, {}, 11});
  for (const int axis : {0, 1, 2, 3, 4}) {
    const std::string name = "Flatten_" + std::to_string(axis);
    forms.push_back(
        {name, axis < 4 ? kRight : kRightOrTold, {node("Flatten", {"r"}, {"y"}, {attribute("axis", axis)})}});
  }
  forms.push_back({"Flatten_last", kRight, {node("Flatten", {"r"}, {"y"}, {attribute("axis", -1)})}});
  forms.push_back({"Transpose_default", kRight, {node("Transpose", {"r"}, {"y"})}});
  forms.push_back(
      {"Slice_9",
       kRight,
       {node("Slice", {"r"}, {"y"},
             {attribute("axes", Shape{2, 3}), attribute("starts", Shape{1, -4}), attribute("ends", Shape{4, -1})})},
       {},
       9});
  forms.push_back({"Slice_9_all",
                   kRight,
                   {node("Slice", {"r"}, {"y"}, {attribute("starts", Shape{0, 1}), attribute("ends", Shape{1, 3})})},
                   {},
                   9});
  forms.push_back({"Slice_back",
                   kRightOrTold,
                   {node("Slice", {"r", "begin", "end", "axis", "step"}, {"y"})},
                   {ints("begin", {-1}), ints("end", {-9}), ints("axis", {3}), ints("step", {-1})}});
  forms.push_back({"Slice_of_all_axes",
                   kRight,
                   {node("Slice", {"r", "begin", "end"}, {"y"})},
                   {ints("begin", {0, 1}), ints("end", {1, 3})}});
  forms.push_back(
      {"Pad_10",
       kRight,
       {node("Pad", {"r"}, {"y"}, {attribute("pads", Shape{0, 0, 1, 2, 0, 0, 2, 1}), attribute("value", 0.5F)})},
       {},
       10});
  forms.push_back({"Pad_value",
                   kRight,
                   {node("Pad", {"r", "pads", "c"}, {"y"})},
                   {ints("pads", {0, 0, 1, 2, 0, 0, 2, 1}), one("c", 0.5F)}});
  forms.push_back(
      {"Pad_less", kRightOrTold, {node("Pad", {"r", "pads"}, {"y"})}, {ints("pads", {0, 0, -1, 0, 0, 0, 0, -2})}});
  forms.push_back({"Unsqueeze_11", kRight, {node("Unsqueeze", {"r"}, {"y"}, {attribute("axes", Shape{1})})}, {}, 11});
  forms.push_back({"Upsample_9",
                   kRight,
                   {node("Upsample", {"r", "by"}, {"y"}, {attribute("mode", "nearest")})},
                   {floats("by", {4}, {1, 1, 2, 2})},
                   9});
  return forms;
}

/// What exporters write to flatten a batch whose size they leave open.
std::vector<Form> sizes() {
  std::vector<Form> forms;
  forms.push_back(
      {"Shape_of_a_reshape",
       kRight,
       {node("Shape", {"r"}, {"s"}), node("Gather", {"s", "first"}, {"n"}, {attribute("axis", 0)}),
        node("Unsqueeze", {"n", "front"}, {"batch"}), node("Concat", {"batch", "rest"}, {"to"}, {attribute("axis", 0)}),
        node("Reshape", {"r", "to"}, {"y"})},
       {integers("first", {}, {0}), ints("front", {0}), ints("rest", {18, 8})}});
  forms.push_back(
      {"Shape_of_an_expand",
       kRight,
       {node("GlobalAveragePool", {"r"}, {"p"}), node("Shape", {"r"}, {"s"}), node("Expand", {"p", "s"}, {"y"})}});
  return forms;
}

INSTANTIATE_TEST_SUITE_P(Places, OpenCvOperators, ::testing::ValuesIn(places()), by_name);
INSTANTIATE_TEST_SUITE_P(Constants, OpenCvOperators, ::testing::ValuesIn(constants()), by_name);
INSTANTIATE_TEST_SUITE_P(Moves, OpenCvOperators, ::testing::ValuesIn(moves()), by_name);
INSTANTIATE_TEST_SUITE_P(Sizes, OpenCvOperators, ::testing::ValuesIn(sizes()), by_name);

}  // namespace
}  // namespace conveyor::onnxruntime
