#include "vision/onnx/opencv_operators.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/vision/expect_error.h"
#include "unit/vision/onnx_writer.h"

// What is refused before OpenCV sees it. tests/unit/onnxruntime/operators_test.cc has what it runs.

namespace conveyor::vision {
namespace {

using namespace onnx_writer;

void check(const std::vector<std::string>& nodes, const std::vector<std::string>& weights = {}, int opset = 13) {
  const std::string bytes = model(Graph{.nodes = nodes,
                                        .weights = weights,
                                        .inputs = {value("image", 1, {1, 3, 6, 8})},
                                        .outputs = {value("y", 1, {1, -1})}}
                                      .text(),
                                  opset);
  check_opencv_runs(read_onnx_model(bytes));
}

const std::string kWeights = floats("w", {2, 3, 1, 1}, std::vector<float>(6));
std::string conv(const std::string& attribute) { return node("Conv", {"image", "w", "b"}, {"y"}, {attribute}); }

TEST(OpenCvOperatorChecks, AttributesAreInRange) {
  const std::string bias = floats("b", {2}, {0, 0});
  check({conv(attribute("group", 1))}, {kWeights, bias});
  EXPECT_ERROR(errc::invalid_config, "its group is 0, not from 1",
               check({conv(attribute("group", 0))}, {kWeights, bias}));
  EXPECT_ERROR(errc::invalid_config, "its strides is 0",
               check({conv(attribute("strides", Shape{1, 0}))}, {kWeights, bias}));
  EXPECT_ERROR(errc::invalid_config, "its pads is -1",
               check({conv(attribute("pads", Shape{-1, 0}))}, {kWeights, bias}));
  EXPECT_ERROR(errc::invalid_config, "its blocksize is 0",
               check({node("DepthToSpace", {"image"}, {"y"}, {attribute("blocksize", 0)})}));
  EXPECT_ERROR(errc::invalid_config, "its axis is 99",
               check({node("Flatten", {"image"}, {"y"}, {attribute("axis", 99)})}));
}

TEST(OpenCvOperatorChecks, ChannelsAreNormalizedWithAsManyOnEitherSide) {
  check({node("LRN", {"image"}, {"y"}, {attribute("size", 3)})});
  EXPECT_ERROR(errc::invalid_config, "its size is even",
               check({node("LRN", {"image"}, {"y"}, {attribute("size", 2)})}));
}

// A side may be as long as there are channels, and then OpenCV takes it for them.
TEST(OpenCvOperatorChecks, ConstantsAreForTheChannelsWhereTheyAreNotForAll) {
  const std::string columns = floats("c", {8}, std::vector<float>(8)), channels = floats("c", {3, 1, 1}, {1, 2, 3});
  for (const char* op : {"Mul", "Div"}) {
    check({node(op, {"image", "c"}, {"y"})}, {channels});
    check({node(op, {"image", "c"}, {"y"})}, {floats("c", {1, 1, 1}, {1})});
    EXPECT_ERROR(errc::invalid_config, "not known to begin with the channels",
                 check({node(op, {"image", "c"}, {"y"})}, {columns}));
    check({node("Squeeze", {"image"}, {"x"}), node(op, {"x", "c"}, {"y"})}, {channels});
    EXPECT_ERROR(errc::invalid_config, "not known to begin with the channels",
                 check({node("Squeeze", {"image"}, {"x"}), node(op, {"x", "c"}, {"y"})}, {columns}));
  }
  check({node("Add", {"image", "c"}, {"y"})}, {columns});
}

TEST(OpenCvOperatorChecks, WhatIsAddedHasAsManyChannels) {
  const auto average = [](const char* from, const char* as, std::int64_t axis) {
    return node("ReduceMean", {from}, {as}, {attribute("axes", Shape{axis})});
  };
  for (const char* op : {"Add", "Sub", "Sum"}) {
    check({average("image", "m", 2), node(op, {"image", "m"}, {"y"})}, {}, 11);
    EXPECT_ERROR(errc::invalid_config, "not known to have equally many channels",
                 check({node("ReduceMean", {"image"}, {"m"}), node(op, {"image", "m"}, {"y"})}, {}, 11));
    check({average("image", "m", -1), node(op, {"image", "m"}, {"y"})}, {}, 11);
    check({average("image", "m", 1), node("Relu", {"m"}, {"n"}), node(op, {"m", "n"}, {"y"})}, {}, 11);
    for (const std::int64_t axis : {1, -3}) {
      EXPECT_ERROR(errc::invalid_config, "not known to have equally many channels",
                   check({average("image", "m", axis), node(op, {"image", "m"}, {"y"})}, {}, 11));
    }
    EXPECT_ERROR(
        errc::invalid_config, "not known to have equally many channels",
        check({average("image", "m", 1), node("Mul", {"m", "image"}, {"x"}), node(op, {"m", "x"}, {"y"})}, {}, 11));
  }
}

TEST(OpenCvOperatorChecks, ConstantsHaveTheirSizes) {
  EXPECT_ERROR(errc::invalid_config, "not one bias an output",
               check({conv(attribute("group", 1))}, {kWeights, floats("b", {1}, {0})}));
  EXPECT_ERROR(errc::invalid_config, "kernel_shape is not that of its weights",
               check({conv(attribute("kernel_shape", Shape{3, 3}))}, {kWeights, floats("b", {2}, {0, 0})}));
  EXPECT_ERROR(errc::invalid_config, "has no numbers",
               check({conv(attribute("group", 1))}, {floats("w", {0, 3, 1, 1}, {}), floats("b", {2}, {0, 0})}));
  EXPECT_ERROR(errc::invalid_config, "not known to be one a channel",
               check({node("BatchNormalization", {"image", "s", "s", "s", "v"}, {"y"})},
                     {floats("s", {3}, {1, 1, 1}), floats("v", {2}, {1, 1})}));
  EXPECT_ERROR(errc::invalid_config, "not known to be one a channel",
               check({node("PRelu", {"image", "s"}, {"y"})}, {floats("s", {2, 1, 1}, {1, 1})}));
}

TEST(OpenCvOperatorChecks, NodesHaveTheirInputsAndOutputs) {
  EXPECT_ERROR(errc::invalid_config, "it has 0 inputs", check({node("Relu", {}, {"y"})}));
  EXPECT_ERROR(errc::invalid_config, "it has 1 inputs", check({node("Conv", {"image"}, {"y"})}));
  EXPECT_ERROR(errc::invalid_config, "an input is missing", check({node("Conv", {"image", "", "image"}, {"y"})}));
  EXPECT_ERROR(errc::invalid_config, "an input or output is missing",
               check({node("Own", {}, {"y"}, {}, "somebodys.domain")}));
  EXPECT_ERROR(errc::invalid_config, "of ONNX Runtime's own",
               check({node("Gelu", {"image"}, {"y"}, {}, "com.microsoft")}));
  EXPECT_ERROR(errc::invalid_config, "it has an attribute twice",
               check({node("Elu", {"image"}, {"y"}, {attribute("alpha", 1.0F), attribute("alpha", 2.0F)})}));
  EXPECT_ERROR(errc::invalid_config, "was not tried with its attribute beta",
               check({node("Elu", {"image"}, {"y"}, {attribute("beta", 1.0F)})}));
}

TEST(OpenCvOperatorChecks, ValuesComeOnceAndBeforeTheyAreRead) {
  EXPECT_ERROR(errc::invalid_config, "value \"z\" is read before a node gives it",
               check({node("Relu", {"z"}, {"y"}), node("Relu", {"image"}, {"z"})}));
  EXPECT_ERROR(errc::invalid_config, "value \"y\" is given twice",
               check({node("Relu", {"image"}, {"y"}), node("Neg", {"image"}, {"y"})}));
  EXPECT_ERROR(errc::invalid_config, "value \"y\" is an output that no node gives",
               check({node("Relu", {"image"}, {"z"})}));
}

TEST(OpenCvOperatorChecks, OpsetsThatWereNotTriedAreRefused) {
  check({node("Relu", {"image"}, {"y"})}, {}, 7);
  check({node("Relu", {"image"}, {"y"})}, {}, 22);
  for (const int opset : {6, 23}) {
    EXPECT_ERROR(errc::invalid_config, "its opset is " + std::to_string(opset) + "; OpenCV was tried with 7 to 22",
                 check({node("Relu", {"image"}, {"y"})}, {}, opset));
  }
}

}  // namespace
}  // namespace conveyor::vision
