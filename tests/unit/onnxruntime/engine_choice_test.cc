#include <gtest/gtest.h>

#include <array>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

#include "conveyor/onnxruntime/onnx.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/ensemble.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/session.h"
#include "unit/vision/expect_error.h"

// Which engine runs what the text of a configuration names.

namespace conveyor::onnxruntime {
namespace {

const std::string kModels = CONVEYOR_TEST_MODELS;
const std::string kUnknown = "onnx:" + kModels + "/unknown.onnx";  // of one layer that no engine has

vision::ClassifierRegistry classifiers_with_onnxruntime() {
  vision::ClassifierRegistry classifiers = vision::built_in_classifiers();
  add_classifiers(classifiers);
  return classifiers;
}

std::string engine_of(const std::string& text) { return classifiers_with_onnxruntime().make(text)->card().engine; }

vision::Outcome classify(const std::string& text, const cv::Mat& image) {
  vision::Session session(classifiers_with_onnxruntime().make(text));
  std::array<vision::Outcome, 1> outcomes;
  session.classify(std::array{image}, outcomes);
  return outcomes[0];
}

cv::Mat noise(int side, int brightest) {
  cv::Mat image(side, side, CV_8UC3);
  cv::RNG random(7);
  random.fill(image, cv::RNG::UNIFORM, 0, brightest + 1);
  return image;
}

TEST(EngineChoice, IsMadeByTheRegistry) {
  const std::string classifier = "onnx:" + kModels + "/means.onnx";
  // [prefer]
  auto classifiers = conveyor::vision::built_in_classifiers();
  conveyor::onnxruntime::add_classifiers(classifiers);
  const auto model = classifiers.make(classifier);
  const std::string& engine = model->card().engine;  // "ONNX Runtime 1.29.0"
  // [/prefer]
  EXPECT_TRUE(engine.starts_with("ONNX Runtime 1.")) << engine;
}

TEST(EngineChoice, PrefersOnnxRuntimeAndSaysSo) {
  EXPECT_TRUE(engine_of("onnx:" + kModels + "/means.onnx").starts_with("ONNX Runtime 1."));
  EXPECT_TRUE(engine_of("onnx:" + kModels + "/means.onnx?engine=auto").starts_with("ONNX Runtime 1."));
  EXPECT_TRUE(engine_of("detector:" + kModels + "/ssd.onnx?head=ssd").starts_with("ONNX Runtime 1."));
  EXPECT_TRUE(engine_of("onnxruntime:" + kModels + "/means.onnx").starts_with("ONNX Runtime 1."));
}

TEST(EngineChoice, IsWhatTheTextAsksFor) {
  EXPECT_EQ(engine_of("onnx:" + kModels + "/means.onnx?engine=opencv"), "OpenCV " + cv::getVersionString());
  EXPECT_EQ(engine_of("detector:" + kModels + "/ssd.onnx?engine=opencv&head=ssd"), "OpenCV " + cv::getVersionString());
  EXPECT_TRUE(engine_of("onnx:" + kModels + "/means.onnx?engine=onnxruntime").starts_with("ONNX Runtime 1."));
  EXPECT_ERROR(errc::invalid_config, "engine is none of auto, onnxruntime, opencv",
               (void)engine_of("onnx:" + kModels + "/means.onnx?engine=tensorrt"));
  EXPECT_ERROR(errc::invalid_config, "onnxruntime has no setting engine",
               (void)engine_of("onnxruntime:" + kModels + "/means.onnx?engine=opencv"));
}

TEST(EngineChoice, WithoutOnnxRuntimeIsOpenCv) {
  const vision::ClassifierRegistry classifiers = vision::built_in_classifiers();
  EXPECT_EQ(classifiers.make("onnx:" + kModels + "/means.onnx")->card().engine, "OpenCV " + cv::getVersionString());
  EXPECT_EQ(vision::onnx(kModels + "/means.onnx")->card().engine, "OpenCV " + cv::getVersionString());
  EXPECT_ERROR(errc::invalid_config, "calls conveyor::onnxruntime::add_classifiers()",
               (void)classifiers.make("onnx:" + kModels + "/means.onnx?engine=onnxruntime"));
}

TEST(EngineChoice, ChangesNoScoresAndLabels) {
  const std::string network = "onnx:" + kModels + "/small_cnn.onnx?activation=softmax&top=0";
  const cv::Mat image = noise(32, 255);
  const vision::Outcome theirs = classify(network, image), opencvs = classify(network + "&engine=opencv", image);
  ASSERT_EQ(theirs.labels().size(), 5U);
  ASSERT_EQ(opencvs.labels().size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(theirs.labels()[i].index, opencvs.labels()[i].index);
    EXPECT_NEAR(theirs.labels()[i].score, opencvs.labels()[i].score, 1e-5);
  }
}

TEST(EngineChoice, ChangesNoBoxes) {
  for (const std::string network :
       {"ssd.onnx?head=ssd", "yolo_rows.onnx?head=yolo_rows", "yolo_columns.onnx?head=yolo_columns"}) {
    const std::string text = "detector:" + kModels + "/" + network + "&min_score=0.1";
    const cv::Mat image = noise(40, 60);  // these networks' scores grow with the brightness, beyond 1
    const vision::Outcome theirs = classify(text, image), opencvs = classify(text + "&engine=opencv", image);
    ASSERT_FALSE(theirs.detections().empty()) << text << theirs.reason();
    ASSERT_EQ(theirs.detections().size(), opencvs.detections().size()) << text;
    for (std::size_t i = 0; i < theirs.detections().size(); ++i) {
      const vision::Detection &a = theirs.detections()[i], &b = opencvs.detections()[i];
      EXPECT_EQ(a.label.index, b.label.index);
      EXPECT_NEAR(a.label.score, b.label.score, 1e-5);
      EXPECT_NEAR(a.box.x, b.box.x, 1e-3);
      EXPECT_NEAR(a.box.width, b.box.width, 1e-3);
    }
  }
}

/// Gives two scores, whatever it is given: `Conveyor` of the domain "nowhere".
class Unknown final : public cv::dnn::Layer {
 public:
  static cv::Ptr<cv::dnn::Layer> create(cv::dnn::LayerParams& parameters) {
    auto layer = cv::makePtr<Unknown>();
    layer->setParamsFrom(parameters);
    return layer;
  }
  bool getMemoryShapes(const std::vector<cv::dnn::MatShape>&, int, std::vector<cv::dnn::MatShape>& outputs,
                       std::vector<cv::dnn::MatShape>&) const override {
    outputs.assign(1, {1, 2});
    return false;
  }
  void forward(cv::InputArrayOfArrays, cv::OutputArrayOfArrays given, cv::OutputArrayOfArrays) override {
    std::vector<cv::Mat> outputs;
    given.getMatVector(outputs);
    outputs.at(0).at<float>(0) = 0.25F;
    outputs.at(0).at<float>(1) = 0.75F;
  }
};

/// While it lives, OpenCV has that layer, as an application may have registered layers of its own.
class LayerOfOurOwn {
 public:
  LayerOfOurOwn() { cv::dnn::LayerFactory::registerLayer(kType, Unknown::create); }
  LayerOfOurOwn(const LayerOfOurOwn&) = delete;
  LayerOfOurOwn& operator=(const LayerOfOurOwn&) = delete;
  ~LayerOfOurOwn() { cv::dnn::LayerFactory::unregisterLayer(kType); }

 private:
  static constexpr const char* kType = "nowhere.Conveyor";
};

TEST(EngineChoice, FallsBackToOpenCvWithTheReason) {
  const LayerOfOurOwn layer;
  ::testing::internal::CaptureStderr();
  const auto model = classifiers_with_onnxruntime().make(kUnknown);
  const std::string log = ::testing::internal::GetCapturedStderr();
  const std::string reason = "OpenCV " + cv::getVersionString() + ", because ONNX Runtime says: ";
  EXPECT_TRUE(model->card().engine.starts_with(reason)) << model->card().engine;
  EXPECT_NE(log.find("model unknown is run by " + reason), log.npos) << log;
  vision::Session session(model);
  std::array<vision::Outcome, 1> outcomes;
  session.classify(std::array{cv::Mat(6, 8, CV_8UC3, cv::Scalar::all(9))}, outcomes);
  EXPECT_EQ(outcomes[0].labels().at(0).score, 0.75) << outcomes[0].reason();
  EXPECT_ERROR(errc::invalid_config, "ONNX Runtime says: ", (void)engine_of(kUnknown + "?engine=onnxruntime"));
}

TEST(EngineChoice, SaysWhyThePreferredEngineRefusesWhatNoneRuns) {
  EXPECT_ERROR(errc::invalid_config, "unknown.onnx cannot be used: ONNX Runtime says: ", (void)engine_of(kUnknown));
  EXPECT_ERROR(errc::invalid_config, "; OpenCV " + cv::getVersionString() + " does not run it either",
               (void)engine_of(kUnknown));
}

TEST(EngineChoice, HoldsForTheMembersOfAnEnsemble) {
  const std::string one = "[onnx:" + kModels + "/means.onnx", other = one + "?engine=opencv";
  EXPECT_TRUE(engine_of("ensemble:" + one + "]" + one + "?name=b]").starts_with("ONNX Runtime 1."));
  EXPECT_EQ(engine_of("ensemble:" + one + "]" + one + "?name=b]").find(';'), std::string::npos) << "named once";
  EXPECT_TRUE(engine_of("ensemble:" + one + "]" + other + "]").ends_with("; OpenCV " + cv::getVersionString()));
  EXPECT_EQ(engine_of("ensemble:[constant:a][constant:b]"), "") << "no networks";
}

TEST(EngineChoice, LeavesARegistryWithoutNetworksAsItIs) {
  vision::ClassifierRegistry classifiers;
  add_classifiers(classifiers);
  EXPECT_FALSE(classifiers.contains("onnx"));
  EXPECT_TRUE(classifiers.contains("onnxruntime_detector"));
}

}  // namespace
}  // namespace conveyor::onnxruntime
