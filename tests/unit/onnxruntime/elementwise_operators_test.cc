#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "unit/onnxruntime/operator_form.h"

namespace conveyor::onnxruntime {
namespace {

/// What it takes is the picture, -2 to 2, brought to where the function has a value and no pole.
std::vector<Form> functions() {
  std::vector<Form> forms;
  const auto of = [&](const std::string& op, std::string from, int opset, float factor = 1, float offset = 0) {
    std::vector<std::string> nodes = {node("Mul", {std::move(from), "factor"}, {"m"}),
                                      node("Add", {"m", "offset"}, {"x"}), node(op, {"x"}, {"y"})};
    forms.push_back({op + "_" + std::to_string(opset),
                     kRight,
                     std::move(nodes),
                     {one("factor", factor), one("offset", offset)},
                     opset});
  };
  for (const int opset : {13, 22}) {
    for (const char* op : {"Abs", "Asinh", "Atan", "Ceil", "Cos", "Cosh", "Erf", "Floor", "Identity", "Round", "Sign",
                           "Sin", "Sinh", "Softsign"}) {
      of(op, "image", opset);
    }
    for (const char* op : {"Acos", "Asin", "Atanh", "Tan"}) of(op, "image", opset, 0.45F);
    for (const char* op : {"Log", "Reciprocal", "Sqrt"}) of(op, "r", opset);
    of("Acosh", "r", opset, 1, 0.6F);
  }
  of("HardSwish", "image", 14, 2), of("HardSwish", "image", 22, 2);
  of("Mish", "image", 18, 4), of("Mish", "image", 22, 4);
  return forms;
}

/// Where a function jumps: numbers that a picture does not hit.
std::vector<Form> edges() {
  std::vector<Form> forms;
  const std::vector<float> halves = {-2.5F, -1.5F, -1, -0.5F, 0, 0.5F, 1, 1.5F};
  for (const char* op : {"Abs", "Ceil", "Floor", "Relu", "Round", "Sign", "HardSwish", "Softsign"}) {
    forms.push_back(
        {std::string(op) + "_edges",
         kRight,
         {node("Mul", {"image", "nothing"}, {"zero"}), node("Add", {"zero", "halves"}, {"x"}), node(op, {"x"}, {"y"})},
         {one("nothing", 0), floats("halves", {8}, halves)},
         14});
  }
  for (const auto& [op, name] : {std::pair{"Shrink", "lambd"}, {"ThresholdedRelu", "alpha"}}) {
    forms.push_back({std::string(op) + "_edges",
                     kRight,
                     {node("Mul", {"image", "nothing"}, {"zero"}), node("Add", {"zero", "halves"}, {"x"}),
                      node(op, {"x"}, {"y"}, {attribute(name, 0.5F)})},
                     {one("nothing", 0), floats("halves", {8}, halves)},
                     13});
  }
  return forms;
}

std::vector<Form> parameterized() {
  std::vector<Form> forms;
  const auto form = [&](const std::string& op, const std::string& name, std::vector<std::string> attributes) {
    forms.push_back({op + "_" + name, kRight, {node(op, {"image"}, {"y"}, attributes)}});
  };
  for (const char* op : {"Celu", "Elu", "LeakyRelu", "Selu", "Shrink", "ThresholdedRelu", "HardSigmoid"}) {
    form(op, "default", {});
  }
  for (const char* op : {"Celu", "Elu", "LeakyRelu", "ThresholdedRelu"}) form(op, "alpha", {attribute("alpha", 0.6F)});
  form("Selu", "both", {attribute("alpha", 1.5F), attribute("gamma", 0.7F)});
  form("Shrink", "both", {attribute("bias", 0.25F), attribute("lambd", 0.75F)});
  form("HardSigmoid", "both", {attribute("alpha", 0.6F), attribute("beta", 0.25F)});
  return forms;
}

std::vector<Form> of_several() {
  std::vector<Form> forms;
  for (const std::string op : {"Max", "Min", "Sum"}) {
    const bool sum = op == "Sum";
    const char* with_constant = sum ? kRight : "one of its inputs is a constant";
    forms.push_back({op + "_constant_among_layers",
                     sum ? kRightOrTold : with_constant,
                     {node(op, {"image", "r", "c"}, {"y"})},
                     {random("c", {1, 3, 6, 8}, 1, 2)}});
    forms.push_back({op + "_itself", kRight, {node(op, {"r", "r"}, {"y"})}});
    forms.push_back({op + "_layers", kRight, {node(op, {"image", "r"}, {"y"})}});
    forms.push_back({op + "_layers_turned", kRight, {node(op, {"r", "image"}, {"y"})}});
    forms.push_back({op + "_three", kRight, {node("Neg", {"r"}, {"n"}), node(op, {"image", "r", "n"}, {"y"})}});
    forms.push_back({op + "_scalar", with_constant, {node(op, {"image", "c"}, {"y"})}, {one("c", 0.3F)}});
    forms.push_back({op + "_scalar_first", with_constant, {node(op, {"c", "image"}, {"y"})}, {one("c", 0.3F)}});
    forms.push_back({op + "_channels", with_constant, {node(op, {"image", "c"}, {"y"})}, {random("c", {1, 3, 1, 1})}});
    forms.push_back(
        {op + "_channels_first", with_constant, {node(op, {"c", "image"}, {"y"})}, {random("c", {3, 1, 1})}});
    forms.push_back({op + "_whole", with_constant, {node(op, {"image", "c"}, {"y"})}, {random("c", {1, 3, 6, 8})}});
    forms.push_back({op + "_pooled", kRight, {node("GlobalMaxPool", {"r"}, {"p"}), node(op, {"image", "p"}, {"y"})}});
    forms.push_back({op + "_pooled_first",
                     sum ? kRightOrTold : kRight,
                     {node("GlobalMaxPool", {"r"}, {"p"}), node(op, {"p", "image"}, {"y"})}});
  }
  return forms;
}

/// What r is made: sides of several numbers, and as long as there are channels.
struct Shaped {
  std::string name;
  Shape to;
  int whole = 2;  // the axis that is averaged, beside that of the channels
};
void PrintTo(const Shaped& shaped, std::ostream* out) { *out << shaped.name; }

class OpenCvBroadcast : public ::testing::TestWithParam<Shaped> {};

/// x with its own averages over an axis, as attention and normalisation have them, and with constants of a part of its
/// shape.
TEST_P(OpenCvBroadcast, GivesWhatOnnxRuntimeGivesOrIsRefused) {
  const auto& [of, to, whole] = GetParam();
  const auto averaged = [](const std::string& as, int axis) {
    return node("ReduceMean", {"x"}, {as}, {attribute("axes", Shape{axis}), attribute("keepdims", 1)});
  };
  for (const std::string op : {"Add", "Sub", "Mul", "Div", "Max", "Min", "Sum"}) {
    const auto form = [&](const std::string& name, const std::vector<std::string>& inputs,
                          std::vector<std::string> weights = {}) {
      SCOPED_TRACE(op + ", " + name);
      weights.push_back(ints("to", to));
      give_the_same_or_are_refused(
          {name,
           kRightOrTold,
           {node("Reshape", {"r", "to"}, {"x"}), averaged("m1", 1), averaged("m2", whole), node(op, inputs, {"y"})},
           weights,
           11});
    };
    form("x, m1", {"x", "m1"}), form("m1, x", {"m1", "x"}), form("x, m2", {"x", "m2"}), form("m2, x", {"m2", "x"});
    form("m1, m2", {"m1", "m2"}), form("m2, m1", {"m2", "m1"});
    for (std::size_t from = 1; from < to.size(); ++from) {
      for (std::size_t end = from + 1; end <= to.size(); ++end) {
        Shape sides(to.begin() + static_cast<std::ptrdiff_t>(from), to.end());
        std::fill(sides.begin() + static_cast<std::ptrdiff_t>(end - from), sides.end(), 1);
        const std::string name = "c of axes " + std::to_string(from) + " to " + std::to_string(end - 1);
        form("x, " + name, {"x", "c"}, {random("c", sides, 1, 2)});
        form(name + ", x", {"c", "x"}, {random("c", sides, 1, 2)});
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, OpenCvBroadcast,
                         ::testing::Values(Shaped{"image", {1, 3, 6, 8}}, Shaped{"as_wide", {1, 6, 4, 6}, 3},
                                           Shaped{"as_high", {1, 6, 6, 4}}, Shaped{"rows", {1, 18, 8}},
                                           Shaped{"square", {1, 12, 12}}, Shaped{"flat", {1, 144}, 1}),
                         by_name);
INSTANTIATE_TEST_SUITE_P(Functions, OpenCvOperators, ::testing::ValuesIn(functions()), by_name);
INSTANTIATE_TEST_SUITE_P(Edges, OpenCvOperators, ::testing::ValuesIn(edges()), by_name);
INSTANTIATE_TEST_SUITE_P(Parameterized, OpenCvOperators, ::testing::ValuesIn(parameterized()), by_name);
INSTANTIATE_TEST_SUITE_P(OfSeveral, OpenCvOperators, ::testing::ValuesIn(of_several()), by_name);

}  // namespace
}  // namespace conveyor::onnxruntime
