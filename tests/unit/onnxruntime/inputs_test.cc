#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "conveyor/onnxruntime/onnx.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/session.h"
#include "unit/vision/expect_error.h"
#include "unit/vision/onnx_writer.h"
#include "unit/vision/temporary_folder.h"

// Inputs and outputs that only ONNX Runtime is given: other types, and batches of a fixed size.

namespace conveyor::onnxruntime {
namespace {

using namespace vision::onnx_writer;

constexpr int kFloat = 1, kBytes = 2, kHalf = 10;

/// Gives the means of R, G and B of each image: what an image of one colour is.
std::string means(int type, const Shape& input, int output_type = kFloat) {
  const bool last = input[3] == 3;
  Graph graph{.inputs = {value("image", type, input)}, .outputs = {value("means", output_type, {input[0], 3})}};
  graph.nodes = {node("Cast", {"image"}, {"floats"}, {attribute("to", kFloat)}),
                 last ? node("Transpose", {"floats"}, {"planes"}, {attribute("perm", Shape{0, 3, 1, 2})})
                      : node("Identity", {"floats"}, {"planes"}),
                 node("GlobalAveragePool", {"planes"}, {"pooled"}), node("Flatten", {"pooled"}, {"flat"}),
                 node("Cast", {"flat"}, {"means"}, {attribute("to", output_type)})};
  return model(graph.text());
}

class Inputs : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& bytes) const { return folder_.write("network.onnx", bytes); }

  /// The scores of R, G and B, in this order.
  static std::vector<double> scores(const vision::Outcome& outcome) {
    EXPECT_EQ(outcome.kind(), vision::Outcome::Kind::kPrediction) << outcome.reason();
    std::vector<double> scores(3);
    for (const vision::Label& label : outcome.labels()) scores.at(static_cast<std::size_t>(label.index)) = label.score;
    return scores;
  }
  static std::vector<double> classify(const std::shared_ptr<const vision::Model>& model) {
    vision::Session session(model);
    std::array<vision::Outcome, 1> outcomes;
    session.classify(std::array{cv::Mat(6, 8, CV_8UC3, cv::Scalar(204, 102, 51))}, outcomes);
    return scores(outcomes[0]);
  }

 private:
  vision::TemporaryFolder folder_{"conveyor_inputs"};
};

void expect_near(const std::vector<double>& scores, double r, double g, double b, double tolerance = 1e-5) {
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_NEAR(scores[0], r, tolerance);
  EXPECT_NEAR(scores[1], g, tolerance);
  EXPECT_NEAR(scores[2], b, tolerance);
}

TEST_F(Inputs, MayHaveTheirChannelsLast) {
  expect_near(classify(onnx(write(means(kFloat, {1, 6, 8, 3})))), 0.2, 0.4, 0.8);
}

TEST_F(Inputs, OfBytesGetPixelsAsTheyAre) {
  for (const Shape& shape : {Shape{1, 3, 6, 8}, Shape{1, 6, 8, 3}}) {
    const auto model = onnx(write(means(kBytes, shape)));
    EXPECT_EQ(model->card().feeds, "R, G, B, pixel, pixels of 0 to 255");
    expect_near(classify(model), 51, 102, 204, 1e-3);
  }
  EXPECT_ERROR(errc::invalid_config, "leave scale, mean, deviation and white out of its card",
               (void)onnx(write(means(kBytes, {1, 6, 8, 3})), {.mean = {0.5, 0.5, 0.5}}));
}

TEST_F(Inputs, OfHalfPrecisionAndSuchOutputsAreConverted) {
  expect_near(classify(onnx(write(means(kHalf, {1, 3, 6, 8}, kHalf)))), 0.2, 0.4, 0.8, 1e-3);
  expect_near(classify(onnx(write(means(kHalf, {1, 6, 8, 3})))), 0.2, 0.4, 0.8, 1e-3);
  expect_near(classify(onnx(write(means(kFloat, {1, 3, 6, 8}, kHalf)))), 0.2, 0.4, 0.8, 1e-3);
}

TEST_F(Inputs, OfAFixedBatchGetAsManyImagesAsThereAre) {
  for (const Shape& shape : {Shape{4, 3, 6, 8}, Shape{4, 6, 8, 3}}) {
    const auto model = onnx(write(means(kFloat, shape)));
    EXPECT_EQ(model->new_classifier()->input().max_batch, 4);
    vision::Session session(model);
    for (const std::size_t count : {1U, 3U, 4U, 6U, 9U}) {
      std::vector<cv::Mat> images;
      for (std::size_t i = 0; i < count; ++i) {
        images.emplace_back(6, 8, CV_8UC3, cv::Scalar(5.0 * static_cast<double>(i), 51, 255));
      }
      std::vector<vision::Outcome> outcomes(count);
      session.classify(images, outcomes);
      for (std::size_t i = 0; i < count; ++i) {
        expect_near(scores(outcomes[i]), 1, 0.2, 5.0 * static_cast<double>(i) / 255);
      }
    }
  }
}

TEST_F(Inputs, OfAFixedBatchGiveEachImageItsBoxes) {
  // One box, of class 2, whose score is the mean of R.
  std::vector<float> weights(300 * 6 * 3), table(300 * 6);
  weights[4 * 3] = 1;
  const std::vector<float> box = {10, 12, 30, 44, 0, 2};
  std::copy(box.begin(), box.end(), table.begin());
  const Graph graph{.nodes = {node("GlobalAveragePool", {"image"}, {"pooled"}), node("Flatten", {"pooled"}, {"means"}),
                              node("Gemm", {"means", "weights", "table"}, {"flat"}, {attribute("transB", 1)}),
                              node("Reshape", {"flat", "shape"}, {"found"})},
                    .weights = {floats("weights", {1800, 3}, weights), floats("table", {1800}, table),
                                integers("shape", {3}, {2, 300, 6})},
                    .inputs = {value("image", kFloat, {2, 3, 64, 64})},
                    .outputs = {value("found", kFloat, {2, 300, 6})}};
  vision::Session session(onnx_detector(write(model(graph.text()))));
  const auto red = [](double value) { return cv::Mat(64, 64, CV_8UC3, cv::Scalar(0, 0, value)); };
  std::array<vision::Outcome, 3> outcomes;
  session.classify(std::array{red(0), red(204), red(102)}, outcomes);
  EXPECT_EQ(outcomes[0].detections().size(), 0U) << outcomes[0].reason();
  ASSERT_EQ(outcomes[1].detections().size(), 1U) << outcomes[1].reason();
  ASSERT_EQ(outcomes[2].detections().size(), 1U) << outcomes[2].reason();
  EXPECT_NEAR(outcomes[1].detections()[0].label.score, 0.8, 1e-5);
  EXPECT_NEAR(outcomes[2].detections()[0].label.score, 0.4, 1e-5);
  EXPECT_EQ(outcomes[2].detections()[0].box, (vision::Box{10, 12, 20, 32}));
}

TEST_F(Inputs, OfAFixedBatchNeedOutputsOfIt) {
  const Graph graph{
      .nodes = {node("ReduceMax", {"image"}, {"most"}, {attribute("axes", Shape{0, 2, 3}), attribute("keepdims", 0)})},
      .inputs = {value("image", kFloat, {2, 3, 6, 8})},
      .outputs = {value("most", kFloat, {3})}};
  EXPECT_ERROR(errc::invalid_config, "its output \"most\" is 3; with a batch of 2 its first side must be 2",
               (void)onnx(write(model(graph.text()))));
}

TEST_F(Inputs, ReadOneOfSeveralOutputs) {
  const Graph graph{
      .nodes = {node("GlobalAveragePool", {"image"}, {"pooled"}), node("Flatten", {"pooled"}, {"logits"}),
                node("Softmax", {"logits"}, {"probabilities"}),
                node("ArgMax", {"logits"}, {"best"}, {attribute("axis", 1)})},
      .inputs = {value("image", kFloat, {1, 3, 6, 8})},
      .outputs = {value("logits", kFloat, {1, 3}), value("probabilities", kFloat, {1, 3}), value("best", 7, {1, 1})}};
  const auto file = write(model(graph.text()));
  EXPECT_ERROR(errc::invalid_config,
               "its output \"best\" is of type int64; float is needed: OnnxOptions::outputs names", (void)onnx(file));
  EXPECT_ERROR(errc::invalid_config,
               "name the one of scores with outputs, in its options or card. They are logits, prob",
               (void)onnx(file, {.outputs = {"logits", "probabilities"}}));
  expect_near(classify(onnx(file, {.outputs = {"logits"}})), 0.2, 0.4, 0.8);
  const auto softmax = classify(onnx(file, {.outputs = {"probabilities"}}));
  expect_near(classify(onnx(file, {.activation = vision::OnnxActivation::kSoftmax, .outputs = {"logits"}})), softmax[0],
              softmax[1], softmax[2]);
  EXPECT_ERROR(errc::invalid_config, "its output \"probabilities\" already comes from a Softmax",
               (void)onnx(file, {.activation = vision::OnnxActivation::kSoftmax, .outputs = {"probabilities"}}));
}

TEST_F(Inputs, LabelsOfTheFileMustBeAsManyAsScores) {
  const std::string network = means(kFloat, {1, 3, 6, 8});
  EXPECT_EQ(onnx(write(network + metadata("names", "{0: 'r', 1: 'g', 2: 'b'}")))->card().labels,
            (std::vector<std::string>{"r", "g", "b"}));
  const auto two = write(network + metadata("names", "{0: 'r', 1: 'g'}"));
  EXPECT_ERROR(errc::invalid_config,
               "it gives 3 scores for 2 labels in its file's metadata: labels in its card or options replace them",
               (void)onnx(two));
  EXPECT_EQ(onnx(two, {.labels = {"x", "y", "z"}})->card().labels.size(), 3U);
}

}  // namespace
}  // namespace conveyor::onnxruntime
