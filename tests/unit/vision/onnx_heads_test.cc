#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "conveyor/vision/classifier.h"
#include "conveyor/vision/session.h"
#include "unit/vision/engine_under_test.h"
#include "unit/vision/expect_error.h"
#include "unit/vision/onnx_writer.h"
#include "unit/vision/temporary_folder.h"

// Networks that always give the same tables, in the layouts of detectors that people use.

namespace conveyor::vision {
namespace {

using namespace onnx_writer;
using enum DetectionHead;

/// An output: 1 x rows x columns, zero but for what is put in.
struct Output {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values = std::vector<float>(static_cast<std::size_t>(rows * columns));

  void put(std::int64_t row, std::int64_t column, const std::vector<float>& numbers, bool down = false) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto step = static_cast<std::int64_t>(i);
      values.at(static_cast<std::size_t>(down ? (row + step) * columns + column : row * columns + column + step)) =
          numbers[i];
    }
  }
};

std::string network(const std::vector<Output>& outputs) {
  Graph graph{.nodes = {node("GlobalAveragePool", {"image"}, {"pooled"}), node("Flatten", {"pooled"}, {"means"})},
              .inputs = {value("image", 1, {1, 3, 64, 64})}};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto named = [&](const char* name) { return name + std::to_string(i); };
    const auto& [rows, columns, values] = outputs[i];
    const auto size = static_cast<std::int64_t>(values.size());
    graph.nodes.push_back(
        node("Gemm", {"means", named("none"), named("table")}, {named("flat")}, {attribute("transB", 1)}));
    graph.nodes.push_back(node("Reshape", {named("flat"), named("shape")}, {named("output")}));
    graph.weights.push_back(floats(named("none"), {size, 3}, std::vector<float>(values.size() * 3)));
    graph.weights.push_back(floats(named("table"), {size}, values));
    graph.weights.push_back(integers(named("shape"), {3}, {1, rows, columns}));
    graph.outputs.push_back(value(named("output"), 1, {1, rows, columns}));
  }
  return model(graph.text());
}

class OnnxHeads : public ::testing::Test {
 protected:
  std::shared_ptr<const Model> load(const std::vector<Output>& outputs, const OnnxDetectorOptions& options) {
    return engine_under_test::onnx_detector(folder_.write("network.onnx", network(outputs)), options);
  }
  std::vector<Detection> detect(const std::vector<Output>& outputs, const OnnxDetectorOptions& options) {
    Session session(load(outputs, options));
    std::array<Outcome, 1> outcomes;
    session.classify(std::array{cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(9))}, outcomes);
    EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kPrediction) << outcomes[0].reason();
    return outcomes[0].detections();
  }
  /// Whether it says so when it is loaded, or when it is warmed up: no service begins with it.
  void refused(const std::vector<Output>& outputs, const OnnxDetectorOptions& options, const std::string& why,
               const std::string& what) {
    EXPECT_ERROR(errc::invalid_config, why, Session(load(outputs, options)));
    EXPECT_ERROR(errc::invalid_config, what, Session(load(outputs, options)));
  }

 private:
  TemporaryFolder folder_{"conveyor_heads"};
};

OnnxDetectorOptions head(DetectionHead head, std::vector<std::string> labels = {}) {
  return {.network = {.labels = std::move(labels)}, .head = head};
}

Output end_to_end() {
  Output output{300, 6};
  output.put(0, 0, {10, 12, 30, 44, 0.9F, 2});
  output.put(1, 0, {11, 12, 30, 44, 0.8F, 2});
  return output;
}

TEST_F(OnnxHeads, ReadsWhatEndToEndNetworksFound) {
  const auto found = detect({end_to_end()}, head(kEndToEnd, {"a", "b", "c"}));
  ASSERT_EQ(found.size(), 2U) << "the network has sorted out what overlaps";
  EXPECT_EQ(found[0].label.name, "c");
  EXPECT_EQ(found[0].label.index, 2);
  EXPECT_NEAR(found[0].label.score, 0.9, 1e-6);
  EXPECT_NEAR(found[0].box.x, 10, 1e-4);
  EXPECT_NEAR(found[0].box.y, 12, 1e-4);
  EXPECT_NEAR(found[0].box.width, 20, 1e-4);
  EXPECT_NEAR(found[0].box.height, 32, 1e-4);
  refused({end_to_end()}, head(kEndToEnd, {"a", "b"}), "the class of candidate 0 is 2; there are 2 labels", "");
  // Exporters fill rows that nothing was found in with whatever they like.
  Output filled = end_to_end();
  filled.put(7, 0, {0, 0, 0, 0, 0, -1});
  EXPECT_EQ(detect({filled}, head(kEndToEnd, {"a", "b", "c"})).size(), 2U);
}

TEST_F(OnnxHeads, EndToEndTablesAreNotReadAsOthers) {
  refused({end_to_end()}, head(kYoloColumns), "it would give 6 candidates for 296 classes", "head=end_to_end");
  refused({end_to_end()}, head(kYoloColumns, {"a"}), "it gives 300 numbers a candidate", "head=end_to_end");
  refused({end_to_end()}, head(kYoloRows, {"a"}), "the score of candidate 0 is 1.8, not from 0 to 1",
          "head=end_to_end");
  Output of_class_one{300, 6};
  of_class_one.put(0, 0, {10, 12, 30, 44, 0.9F, 1});
  refused({of_class_one}, head(kYoloRows), "the scores of its one class are whole numbers", "head=end_to_end");
  refused({Output{84, 85}}, head(kEndToEnd), "it gives 85 numbers a candidate, not 6", "");
  Output other{300, 6};
  other.put(0, 0, {10, 12, 30, 44, 0.9F, 2.5F});
  refused({other}, head(kEndToEnd), "the class of candidate 0 is 2.5", "");
  other.put(0, 0, {10, 12, 30, 44, 0.9F, 4e7F});
  refused({other}, head(kEndToEnd), "the class of candidate 0 is 4e+07", "");
  Output grid{1'200, 6};  // of one class, sure of all that it found
  grid.put(0, 0, {32, 32, 20, 40, 1, 1});
  EXPECT_EQ(detect({grid}, head(kYoloRows)).size(), 1U) << "end-to-end networks give fewer rows";
}

TEST_F(OnnxHeads, PosesAndOrientedBoxesAreNotClasses) {
  Output pose{56, 84};
  pose.put(0, 3, {32, 32, 20, 40, 0.9F}, true);
  for (int i = 0; i < 17; ++i) pose.put(5 + 3 * i, 3, {30, 31, 0.8F}, true);
  refused({pose}, head(kYoloColumns), "it gives 56 numbers a candidate", "17 keypoints");
  refused({pose}, head(kYoloColumns, {"person"}), "for 1 labels", "17 keypoints");
  refused({pose}, head(kYoloColumns, std::vector<std::string>(52, "a")), "the score of candidate 3 is 30",
          "17 keypoints");
  for (const float angle : {-0.3F, 1.4F}) {
    Output oriented{20, 84};
    oriented.put(0, 3, {32, 32, 20, 40, 0.9F}, true);
    oriented.put(19, 3, {angle});
    refused({oriented}, head(kYoloColumns), "not from 0 to 1", "oriented boxes");
  }
}

TEST_F(OnnxHeads, BoxesInCellsOfAGridAreNotInPixels) {
  Output raw{84, 85};
  raw.put(9, 0, {0.5F, 0.5F, std::log(3.0F), std::log(4.0F), 0.9F, 0.95F});
  refused({raw}, head(kYoloRows), "all of its boxes lie in the first eighth of the input", "--decode_in_inference");
  Output decoded{84, 85};
  decoded.put(9, 0, {12, 12, 24, 32, 0.9F, 0.95F});
  EXPECT_EQ(detect({decoded}, head(kYoloRows)).size(), 1U);
}

TEST_F(OnnxHeads, LogitsAreNoScores) {
  Output logits{10, 6}, boxes{10, 4};
  for (int row = 0; row < 10; ++row) logits.put(row, 0, {-5, -5, -5, -5, -5, 5});
  logits.put(2, 0, {-2, 6, -2, -2, -2, -1});
  boxes.put(2, 0, {0.25F, 0.5F, 0.2F, 0.4F});
  refused({logits, boxes}, head(kSsd), "the score of candidate 0 is -5, not from 0 to 1", "DETR");
}

TEST_F(OnnxHeads, RoundingAboveOneIsNoFault) {
  Output table{6, 84};
  table.put(0, 3, {32, 32, 20, 40, 1.0000002F}, true);
  ASSERT_EQ(detect({table}, head(kYoloColumns)).size(), 1U);
}

TEST_F(OnnxHeads, OtherNumbersOfOutputsNameWhatTheyMayBe) {
  refused({Output{6, 84}, Output{6, 84}, Output{6, 84}}, head(kYoloColumns), "it has 3 outputs", "torchvision");
  refused({Output{6, 84}, Output{6, 84}}, head(kYoloColumns), "it has 2 outputs", "head=ssd");
  refused({Output{6, 84}, Output{6, 84}, Output{6, 84}, Output{6, 84}}, head(kSsd), "it has 4 outputs", "maps");
}

TEST_F(OnnxHeads, ACandidateHasItsSurestClassUnlessSeveralAreAskedFor) {
  Output two{84, 105};
  two.put(0, 7, {20, 24, 20, 30, 0.6F}, true);
  two.put(20, 7, {0.5F}, true);
  const auto best = detect({two}, head(kYoloColumns));
  ASSERT_EQ(best.size(), 1U);
  EXPECT_EQ(best[0].label.index, 0);
  EXPECT_EQ(detect({two}, {.head = kYoloColumns, .multi_label = true}).size(), 2U);
}

}  // namespace
}  // namespace conveyor::vision
