#include "vision/onnx/onnx_activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "unit/vision/expect_error.h"
#include "unit/vision/onnx_writer.h"

namespace conveyor::vision {
namespace {

using namespace onnx_writer;

std::vector<double> activated(OnnxActivation activation, std::vector<double> scores) {
  activate(activation, scores);
  return scores;
}

TEST(OnnxActivation, MakesProbabilitiesOfLogits) {
  EXPECT_EQ(activated(OnnxActivation::kNone, {-3, 2}), (std::vector<double>{-3, 2}));
  const auto softmax = activated(OnnxActivation::kSoftmax, {1, 2, 3});
  const double sum = std::exp(1) + std::exp(2) + std::exp(3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(softmax[i], std::exp(static_cast<double>(i) + 1) / sum, 1e-12);
  const auto sigmoid = activated(OnnxActivation::kSigmoid, {0, 2, -2});
  EXPECT_DOUBLE_EQ(sigmoid[0], 0.5);
  EXPECT_NEAR(sigmoid[1], 1 / (1 + std::exp(-2.0)), 1e-12);
  EXPECT_NEAR(sigmoid[1] + sigmoid[2], 1, 1e-12);
}

TEST(OnnxActivation, DoesNotOverflowAndKeepsWhatIsNoNumber) {
  EXPECT_EQ(activated(OnnxActivation::kSoftmax, {5000, 0}), (std::vector<double>{1, 0}));
  EXPECT_EQ(activated(OnnxActivation::kSigmoid, {5000, -5000}), (std::vector<double>{1, 0}));
  EXPECT_TRUE(std::isnan(activated(OnnxActivation::kSigmoid, {std::nan("")})[0]));
  EXPECT_TRUE(std::isnan(activated(OnnxActivation::kSoftmax, {1, std::nan("")})[1]));
  EXPECT_TRUE(activated(OnnxActivation::kSoftmax, {}).empty());
}

void check(OnnxActivation activation, const std::vector<std::string>& nodes, const std::vector<std::string>& outputs) {
  Graph graph{.nodes = nodes, .inputs = {value("image", 1, {1, 3, 6, 8})}, .outputs = outputs};
  const std::string bytes = model(graph.text());
  const OnnxModel read = read_onnx_model(bytes);
  check_activation(activation, read, read.outputs);
}

TEST(OnnxActivation, IsRefusedWhereTheNetworkEndsWithOne) {
  const std::vector<std::string> ends_with_softmax = {
      node("Softmax", {"image"}, {"p"}), node("Reshape", {"p", "to"}, {"r"}), node("Identity", {"r"}, {"scores"})};
  const std::vector<std::string> scores = {value("scores", 1, {1, 144})};
  check(OnnxActivation::kNone, ends_with_softmax, scores);
  EXPECT_ERROR(errc::invalid_config,
               "its output \"scores\" already comes from a Softmax, and activation=softmax would compute another",
               check(OnnxActivation::kSoftmax, ends_with_softmax, scores));
  EXPECT_ERROR(errc::invalid_config, "activation=none", check(OnnxActivation::kSigmoid, ends_with_softmax, scores));
  check(OnnxActivation::kSoftmax, {node("Softmax", {"image"}, {"p"}), node("Log", {"p"}, {"scores"})}, scores);
}

TEST(OnnxActivation, LooksAtScoresNotAtBoxes) {
  const std::vector<std::string> nodes = {node("Sigmoid", {"image"}, {"boxes"}), node("Relu", {"image"}, {"logits"})};
  check(OnnxActivation::kSoftmax, nodes, {value("boxes", 1, {1, 100, 4}), value("logits", 1, {1, 100, 92})});
  const std::vector<std::string> both = {node("Sigmoid", {"image"}, {"boxes"}), node("Sigmoid", {"image"}, {"scores"})};
  EXPECT_ERROR(
      errc::invalid_config, "its output \"scores\"",
      check(OnnxActivation::kSigmoid, both, {value("boxes", 1, {1, 100, 4}), value("scores", 1, {1, 100, 91})}));
}

}  // namespace
}  // namespace conveyor::vision
