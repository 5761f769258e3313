#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/core.hpp>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/serve.h"
#include "conveyor/vision/session.h"
#include "unit/vision/engine_under_test.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

// models/make_models.py wrote them. Of a 40 x 40 image they give four candidates: two on the left, the second of which
// is the first moved by a pixel, one on the right, and one of no size. The scores of "cat" are 0.5, 0.4 and 0.1, those
// of "dog" 0, 0 and 0.2; the mean of R is added for cat (half of it in the head that multiplies), that of G for the
// last.
std::filesystem::path file(const std::string& name) {
  return std::filesystem::path(CONVEYOR_TEST_MODELS) / (name + ".onnx");
}
const OnnxOptions kCatsAndDogs{.labels = {"cat", "dog"}};
const cv::Mat kImage(40, 40, CV_8UC3, cv::Scalar(0, 102, 51));  // R 0.2, G 0.4

std::vector<Detection> detect(const std::shared_ptr<const Model>& model, const cv::Mat& image = kImage) {
  Session session(model);
  std::array<Outcome, 1> outcomes;
  session.classify(std::array{image}, outcomes);
  EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kPrediction) << outcomes[0].reason();
  return outcomes[0].detections();
}

void expect_box(const Box& box, float x, float y, float width, float height) {
  EXPECT_NEAR(box.x, x, 1e-4);
  EXPECT_NEAR(box.y, y, 1e-4);
  EXPECT_NEAR(box.width, width, 1e-4);
  EXPECT_NEAR(box.height, height, 1e-4);
}

struct Head {
  const char* model;
  DetectionHead head;
  double gain;  // what a mean of 1 adds to a score
};

class OnnxDetector : public ::testing::TestWithParam<Head> {
 protected:
  static std::shared_ptr<const Model> model(OnnxDetectorOptions options) {
    options.network.labels = kCatsAndDogs.labels;
    options.head = GetParam().head;
    return engine_under_test::onnx_detector(file(GetParam().model), options);
  }
};

TEST_P(OnnxDetector, FindsTheSurestOfBoxesThatOverlap) {
  const auto found = detect(model({.min_score = 0.35}));
  const double gain = GetParam().gain;
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].label.name, "cat");
  EXPECT_EQ(found[0].label.index, 0);
  EXPECT_NEAR(found[0].label.score, 0.5 + 0.2 * gain, 1e-5);
  expect_box(found[0].box, 5, 0, 10, 20);
  EXPECT_EQ(found[1].label.name, "dog");
  EXPECT_EQ(found[1].label.index, 1);
  EXPECT_NEAR(found[1].label.score, 0.2 + 0.4 * gain, 1e-5);
  expect_box(found[1].box, 26, 17, 8, 6);
}

TEST_P(OnnxDetector, KeepsBoxesThatMayOverlap) {
  EXPECT_EQ(detect(model({.min_score = 0.35, .max_overlap = 0.85})).size(), 3U);  // 9/11 of their union
  EXPECT_EQ(detect(model({.min_score = 0.35, .max_overlap = 0.80})).size(), 2U);
}

TEST_P(OnnxDetector, LeavesOutWhatIsUnsure) {
  EXPECT_EQ(detect(model({.min_score = 0.95})).size(), 0U);
  EXPECT_EQ(detect(model({.min_score = 0.05, .multi_label = true})).size(), 3U)
      << "the right one is a cat too; no box of no size is one";
  EXPECT_EQ(detect(model({.min_score = 0.05, .max_detections = 1})).size(), 1U);
}

TEST_P(OnnxDetector, GivesABoxItsSurestClassUnlessSeveralAreAskedFor) {
  const auto found = detect(model({.min_score = 0.05}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].label.name, "dog");
  EXPECT_GT(found[1].label.score, 0.05);
}

INSTANTIATE_TEST_SUITE_P(Heads, OnnxDetector,
                         ::testing::Values(Head{"yolo_columns", DetectionHead::kYoloColumns, 1},
                                           Head{"yolo_rows", DetectionHead::kYoloRows, 0.5},
                                           Head{"ssd", DetectionHead::kSsd, 1},
                                           Head{"ssd_scores_first", DetectionHead::kSsd, 1}),
                         [](const auto& head) { return std::string(head.param.model); });

TEST(OnnxDetectorModel, GivesBoxesInPixelsOfTheImageAsItWasSent) {
  Predictor predict(engine_under_test::onnx_detector(file("yolo_columns"), {.network = kCatsAndDogs}));
  v1::Image image;
  to_image(cv::Mat(80, 400, CV_8UC3, cv::Scalar(0, 102, 51)), image);
  const v1::Prediction prediction = predict(testing::message(image));
  EXPECT_EQ(prediction.preprocess(), "resize(40,40)|color(bgr)");
  EXPECT_EQ(prediction.model().name(), "yolo_columns");
  const v1::Box& box = prediction.detections(0).box();
  expect_box({box.x(), box.y(), box.width(), box.height()}, 50, 0, 100, 40);
}

TEST(OnnxDetectorModel, NumbersClassesWithoutLabels) {
  EXPECT_EQ(detect(engine_under_test::onnx_detector(file("yolo_columns"))).at(0).label.name, "0");
}

TEST(OnnxDetectorModel, ScoresThatAreNoNumbersFailTheWarmUp) {
  EXPECT_ERROR(errc::invalid_config, "the score of candidate 1 is not a number",
               Session(engine_under_test::onnx_detector(file("yolo_nan"))));
}

TEST(OnnxDetectorModel, SaysWhatDoesNotFit) {
  const auto make = [](const char* name, const OnnxDetectorOptions& options) {
    (void)engine_under_test::onnx_detector(file(name), options);
  };
  using enum DetectionHead;
  EXPECT_ERROR(errc::invalid_config, "means.onnx cannot be used: its output is 1 x 2; 1 x (4 + classes) x candidates",
               make("means", {.head = kYoloColumns}));
  EXPECT_ERROR(errc::invalid_config, "means.onnx cannot be used: its output is 1 x 2, which no head reads",
               make("means", {}));
  EXPECT_ERROR(errc::invalid_config, "it has 1 output; this head has 2", make("yolo_rows", {.head = kSsd}));
  EXPECT_ERROR(errc::invalid_config, "it has 2 outputs; this head has 1", make("ssd", {.head = kYoloColumns}));
  EXPECT_ERROR(errc::invalid_config, "may be head=ssd or head=detr: say which in its options, or as detector.head",
               make("ssd", {}));
  EXPECT_ERROR(errc::invalid_config, "cannot be told apart", make("ssd_ambiguous", {.head = kSsd}));
  EXPECT_ERROR(errc::invalid_config, "it gives 7 numbers a candidate; for 1 labels and this head they would be 6",
               make("yolo_rows", {.network = {.labels = {"cat"}}, .head = kYoloRows}));
  EXPECT_ERROR(errc::invalid_config, "it gives 4 numbers", make("yolo_columns", {.head = kYoloRows}));
  EXPECT_ERROR(errc::invalid_config, "min_score", make("yolo_columns", {.min_score = 2}));
  EXPECT_ERROR(errc::invalid_config, "max_overlap", make("yolo_columns", {.max_overlap = -1}));
  EXPECT_ERROR(errc::invalid_config, "max_detections", make("yolo_columns", {.max_detections = 0}));
  EXPECT_ERROR(errc::invalid_config, "activation=softmax does not go with head=yolo_rows",
               make("yolo_rows", {.network = {.activation = OnnxActivation::kSoftmax}, .head = kYoloRows}));
}

TEST(OnnxDetector, FindsTheSameInEitherOrderAndDepth) {
  const auto model =
      engine_under_test::onnx_detector(file("yolo_columns"), {.network = kCatsAndDogs, .min_score = 0.35});
  Session session(model);
  const auto expected = detect(model);
  cv::Mat sixteen;
  kImage.convertTo(sixteen, CV_16U, 257);
  for (const char* chain : {"color(rgb)", "color(bgr)"}) {
    for (const cv::Mat& pixels : {kImage, sixteen}) {
      Scratch scratch;
      const PreprocessChain parsed = built_in_steps().parse(chain);
      const Sample& sample = parsed.run({.pixels = pixels}, scratch);
      std::array<Outcome, 1> outcomes;
      session.classify(std::array{&sample}, outcomes);
      ASSERT_EQ(outcomes[0].detections().size(), expected.size()) << outcomes[0].reason();
      for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_NEAR(outcomes[0].detections()[i].label.score, expected[i].label.score, 1e-5) << chain;
      }
    }
  }
  EXPECT_ERROR(errc::invalid_config, "scale=1", session.check(built_in_steps().parse("rescale(0.0039215686,0)")));
}

}  // namespace
}  // namespace conveyor::vision
