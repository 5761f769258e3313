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
  static void expect_box(const Detection& found, int index, double score, const Box& box) {
    EXPECT_EQ(found.label.index, index);
    EXPECT_NEAR(found.label.score, score, 1e-6);
    EXPECT_NEAR(found.box.x, box.x, 1e-4);
    EXPECT_NEAR(found.box.y, box.y, 1e-4);
    EXPECT_NEAR(found.box.width, box.width, 1e-4);
    EXPECT_NEAR(found.box.height, box.height, 1e-4);
  }
  std::shared_ptr<const Model> load_bytes(const std::string& bytes, const OnnxDetectorOptions& options) {
    return engine_under_test::onnx_detector(folder_.write("network.onnx", bytes), options);
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

TEST_F(OnnxHeads, ReadsCellsOfYolox) {
  Output raw{84, 85};  // 64 of 8 pixels, 16 of 16, 4 of 32
  raw.put(9, 0, {0.5F, 0.5F, std::log(3.0F), std::log(4.0F), 0.9F, 0.95F});
  raw.put(83, 0, {-0.25F, 0, 0, 0, 0.8F, 0, 0.5F});
  const auto found = detect({raw}, head(kYolox));
  ASSERT_EQ(found.size(), 2U);
  expect_box(found[0], 0, 0.9 * 0.95, {0, -4, 24, 32});  // around (12, 12)
  expect_box(found[1], 1, 0.4, {8, 16, 32, 32});         // around (24, 32)
  refused({Output{80, 85}}, head(kYolox), "it gives 80 candidates; head=yolox has 84 for 64 x 64 pixels", "");
}

TEST_F(OnnxHeads, ReadsScoresOfSsdWithAndWithoutBackground) {
  Output boxes{10, 4}, two{10, 2}, three{10, 3};
  boxes.put(2, 0, {0.25F, 0.5F, 0.5F, 1});
  two.put(2, 0, {0.1F, 0.9F});
  three.put(2, 0, {0.05F, 0.05F, 0.9F});
  const Box expected{16, 32, 16, 32};
  const auto with = [](Background background, std::vector<std::string> labels) {
    return OnnxDetectorOptions{.network = {.labels = std::move(labels)}, .head = kSsd, .background = background};
  };
  const auto one = [&](const Output& scores, Background background, std::vector<std::string> labels, int index) {
    const auto found = detect({boxes, scores}, with(background, std::move(labels)));
    ASSERT_EQ(found.size(), 1U);
    expect_box(found[0], index, 0.9, expected);
  };
  one(two, Background::kOfHead, {"a"}, 0);
  one(two, Background::kFirst, {}, 0);
  one(two, Background::kNone, {"a", "b"}, 1);
  one(three, Background::kOfHead, {"a", "b"}, 1);
  one(three, Background::kNone, {"a", "b", "c"}, 2);
  EXPECT_EQ(detect({boxes, three}, with(Background::kLast, {"a", "b"})).size(), 0U) << "the surest is no object";
  refused({boxes, two}, with(Background::kOfHead, {"a", "b"}),
          "it gives 2 numbers a candidate; for 2 labels and this head they would be 3 with background=first",
          "background, activation and box_units");
}

TEST_F(OnnxHeads, ReadsBoxesOfSsdInOtherUnitsAndOrders) {
  Output boxes{10, 4}, scores{10, 2};
  scores.put(2, 0, {0.1F, 0.9F});
  boxes.put(2, 0, {16, 32, 32, 64});
  const auto with = [](BoxFormat format, BoxUnits units) {
    return OnnxDetectorOptions{.head = kSsd, .box_format = format, .box_units = units};
  };
  const auto one = [&](BoxFormat format, BoxUnits units, const Box& expected) {
    const auto found = detect({boxes, scores}, with(format, units));
    ASSERT_EQ(found.size(), 1U);
    expect_box(found[0], 0, 0.9, expected);
  };
  one(BoxFormat::kOfHead, BoxUnits::kPixels, {16, 32, 16, 32});
  one(BoxFormat::kYxyx, BoxUnits::kPixels, {32, 16, 32, 16});
  one(BoxFormat::kCxcywh, BoxUnits::kPixels, {0, 0, 32, 64});
  refused({boxes, scores}, with(BoxFormat::kOfHead, BoxUnits::kOfHead), "has 64 for a fraction of the input",
          "box_units=pixels");
  boxes.put(2, 0, {0.25F, 0.5F, 0.5F, 1});
  one(BoxFormat::kYxyx, BoxUnits::kOfHead, {32, 16, 32, 16});
  refused({boxes, scores}, with(BoxFormat::kOfHead, BoxUnits::kPixels), "lie within one pixel of the input",
          "box_units=normalized");
}

TEST_F(OnnxHeads, ReadsFractionsOfEndToEndAndYolo) {
  Output found{300, 6};
  found.put(0, 0, {0.25F, 0.5F, 0.5F, 1, 0.9F, 2});
  const auto corners = detect({found}, {.head = kEndToEnd, .box_units = BoxUnits::kNormalized});
  ASSERT_EQ(corners.size(), 1U);
  expect_box(corners[0], 2, 0.9, {16, 32, 16, 32});
  refused({found}, head(kEndToEnd), "lie within one pixel of the input", "box_units=normalized");
  Output columns{6, 84};
  columns.put(0, 3, {0.5F, 0.5F, 0.5F, 0.25F, 0.9F}, true);
  const auto centres = detect({columns}, {.head = kYoloColumns, .box_units = BoxUnits::kNormalized});
  ASSERT_EQ(centres.size(), 1U);
  expect_box(centres[0], 0, 0.9, {16, 24, 32, 16});
}

TEST_F(OnnxHeads, ReadsLogitsOfDetr) {
  Output logits{10, 4}, boxes{10, 4};
  for (int row = 0; row < 10; ++row) logits.put(row, 0, {-5, -5, -5, 5});
  logits.put(2, 0, {-2, 6, -2, -1});
  boxes.put(2, 0, {0.25F, 0.5F, 0.25F, 0.5F});
  OnnxDetectorOptions detr{.network = {.labels = {"a", "b", "c"}, .activation = OnnxActivation::kSoftmax},
                           .head = kDetr};
  // Boxes are told from logits by their names, where both have four columns.
  refused({logits, boxes}, detr, "cannot be told apart: name both with outputs", "that of boxes first");
  detr.network.outputs = {"output1", "output0"};
  const auto found = detect({logits, boxes}, detr);
  ASSERT_EQ(found.size(), 1U);
  const double sum = std::exp(6.0) + 2 * std::exp(-2.0) + std::exp(-1.0);
  expect_box(found[0], 1, std::exp(6.0) / sum, {8, 16, 16, 32});
  // RT-DETR and RF-DETR: each class for itself, and none for no object.
  detr.network.labels.emplace_back("d");
  detr.network.activation = OnnxActivation::kSigmoid;
  for (int row = 0; row < 10; ++row) logits.put(row, 0, {-5, -5, -5, -5});
  logits.put(2, 0, {-2, 6, -2, -1});
  const auto sigmoids = detect({logits, boxes}, detr);
  ASSERT_EQ(sigmoids.size(), 1U);
  expect_box(sigmoids[0], 1, 1 / (1 + std::exp(-6.0)), {8, 16, 16, 32});
}

TEST_F(OnnxHeads, ReadsLogitsOfYolo) {
  Output raw{84, 7};
  for (int row = 0; row < 84; ++row) raw.put(row, 4, {-9, 0, 0});
  raw.put(9, 0, {32, 32, 24, 32, 2, -1, 3});
  const auto found =
      detect({raw}, {.network = {.activation = OnnxActivation::kSigmoid}, .head = kYoloRows, .min_score = 0.5});
  ASSERT_EQ(found.size(), 1U);
  expect_box(found[0], 1, 1 / (1 + std::exp(-2.0)) / (1 + std::exp(-3.0)), {20, 16, 24, 32});
  refused({raw}, head(kYoloRows), "as logits are without activation=sigmoid or activation=softmax", "");
}

TEST_F(OnnxHeads, ProbabilitiesAreNoLogits) {
  Output boxes{20, 4}, scores{20, 2};
  boxes.put(2, 0, {0.25F, 0.5F, 0.5F, 1});
  scores.put(2, 0, {0.1F, 0.9F});
  for (const OnnxActivation activation : {OnnxActivation::kSigmoid, OnnxActivation::kSoftmax}) {
    refused({boxes, scores}, {.network = {.activation = activation}, .head = kSsd},
            "all of its scores are from 0 to 1 before activation=s", "leave activation out of its card and options");
  }
  scores.put(3, 0, {4, -4});
  EXPECT_GE(detect({boxes, scores}, {.network = {.activation = OnnxActivation::kSigmoid}, .head = kSsd}).size(), 1U);
}

TEST_F(OnnxHeads, SsdMayGiveFewerCandidatesThanClasses) {
  Output boxes{2, 4}, scores{2, 6};
  boxes.put(1, 0, {0.25F, 0.5F, 0.5F, 1});
  scores.put(1, 3, {0.9F});
  const auto found = detect({boxes, scores}, head(kSsd));
  ASSERT_EQ(found.size(), 1U);
  expect_box(found[0], 2, 0.9, {16, 32, 16, 32});
}

TEST_F(OnnxHeads, RecognisesWhatCanOnlyBeOneHead) {
  EXPECT_EQ(detect({end_to_end()}, {}).size(), 2U);
  Output columns{6, 84};
  columns.put(0, 3, {32, 32, 20, 40, 0.9F}, true);
  EXPECT_EQ(detect({columns}, {}).size(), 1U);
  Output rows{252, 7};  // three for each of 84 cells
  rows.put(9, 0, {32, 32, 24, 32, 0.9F, 0.95F});
  EXPECT_EQ(detect({rows}, {}).size(), 1U);
  refused({Output{252, 6}}, {}, "may be head=yolo_rows or head=end_to_end", "detector.head in its card");
  refused({Output{84, 7}}, {}, "may be head=yolo_rows or head=yolox", "detector.head in its card");
}

TEST_F(OnnxHeads, ReadsTheOutputsThatAreNamed) {
  Output other{3, 5};
  EXPECT_EQ(detect({other, end_to_end()}, {.network = {.outputs = {"output1"}}}).size(), 2U);
  refused({other, end_to_end()}, {}, "which no head reads", "");
  refused({other, end_to_end()}, {.network = {.outputs = {"boxes"}}},
          "it has no output \"boxes\", which its card or OnnxOptions::outputs names; it has output0, output1", "");
  refused({other, end_to_end()}, {.network = {.outputs = {"output1", "output1"}}}, "names \"output1\" twice", "");
}

TEST_F(OnnxHeads, RefusesPosesAndOrientedBoxesByTheTaskInTheFile) {
  const auto of_task = [&](const char* task) {
    (void)load_bytes(network({end_to_end()}) + metadata("task", task), head(kEndToEnd));
  };
  EXPECT_ERROR(errc::invalid_config, "task=pose: the keypoints of poses are not read", of_task("pose"));
  EXPECT_ERROR(errc::invalid_config, "task=obb: oriented boxes are not read", of_task("obb"));
  EXPECT_ERROR(errc::invalid_config, "task=segment: masks are not read", of_task("segment"));
  EXPECT_ERROR(errc::invalid_config, "task=classify: \"onnx:\"", of_task("classify"));
  of_task("detect");
}

TEST_F(OnnxHeads, TakesLabelsOutOfTheFile) {
  const auto named = [&](const char* names, const OnnxDetectorOptions& options) {
    return load_bytes(network({end_to_end()}) + metadata("names", names), options);
  };
  EXPECT_EQ(named("{0: 'a', 1: 'b', 2: 'c'}", {})->card().labels, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(named("{0: 'a', 1: 'b', 2: 'c'}", {.network = {.labels = {"d", "e", "f"}}})->card().labels,
            (std::vector<std::string>{"d", "e", "f"}))
      << "the options win";
  EXPECT_TRUE(named("a, b, c", {})->card().labels.empty());
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
