#include "conveyor/vision/classifier_registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/core.hpp>

#include "conveyor/config.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/session.h"
#include "unit/vision/expect_error.h"
#include "unit/vision/temporary_folder.h"

namespace conveyor::vision {
namespace {

Outcome classify(const std::string& text, const cv::Mat& image) {
  Session session(built_in_classifiers().make(text));
  std::array<Outcome, 1> outcomes;
  session.classify(std::array{image}, outcomes);
  return outcomes[0];
}

const cv::Mat kGray(8, 8, CV_8UC1, cv::Scalar(51));
const std::string kModels = CONVEYOR_TEST_MODELS;

TEST(ClassifierRegistry, MakesTheBuiltInOnesByName) {
  EXPECT_EQ(classify("constant:egg?score=0.25", kGray).labels().at(0).score, 0.25);
  EXPECT_EQ(classify(" constant : two words ", kGray).labels().at(0).name, "two words");
  EXPECT_EQ(built_in_classifiers().make("hog?stride=16&min_score=1")->card().name, "hog_people");
  EXPECT_EQ(classify("plugin:" CONVEYOR_PLUGIN_BRIGHTNESS "?0.1", kGray).labels().at(0).name, "bright");
  EXPECT_EQ(classify("plugin:" CONVEYOR_PLUGIN_BRIGHTNESS, kGray).labels().at(0).name, "dark");
}

TEST(ClassifierRegistry, GivesANetworkItsLabelsAndOptions) {
  const TemporaryFolder folder("conveyor_classifier_registry_test");
  const auto labels = folder.write("labels.txt", "warm\r\nvery cold\n");
  const cv::Mat blue(6, 8, CV_8UC3, cv::Scalar(204, 102, 51));
  const Outcome outcome = classify("onnx:" + kModels + "/means.onnx?labels=" + labels.string() +
                                       "&mean=0.1,0.2,0.3&deviation=2&scale=0.01&top=1&name=m&rgb=false",
                                   blue);
  ASSERT_EQ(outcome.labels().size(), 1U) << outcome.reason();
  const double r = (2.04 - 0.1) / 2, g = (1.02 - 0.2) / 2, b = (0.51 - 0.3) / 2;
  EXPECT_EQ(outcome.labels()[0].name, "warm");
  EXPECT_NEAR(outcome.labels()[0].score, r + 2 * g - b + 0.25, 1e-5);
}

TEST(ClassifierRegistry, PutsTheTextBeforeTheCardBesideTheNetwork) {
  const TemporaryFolder folder("conveyor_classifier_registry_test");
  std::filesystem::copy_file(kModels + "/means.onnx", folder / "means.onnx");
  folder.write("means.onnx.json", R"({"name": "egg", "version": "3", "labels": ["left", "right"]})");
  const auto model = built_in_classifiers().make("onnx:" + (folder / "means.onnx").string() + "?version=4");
  EXPECT_EQ(model->card().name, "egg");
  EXPECT_EQ(model->card().version, "4");
  EXPECT_EQ(model->card().labels, (std::vector<std::string>{"left", "right"}));
}

TEST(ClassifierRegistry, MakesDetectorsAndEnsembles) {
  const ClassifierRegistry classifiers = built_in_classifiers();
  EXPECT_EQ(classifiers.make("motion?threshold=10&max_area=0.9")->card().name, "motion");
  const Outcome found =
      classify("detector:" + kModels + "/yolo_rows.onnx?head=yolo_rows&min_score=0.1&max_detections=1",
               cv::Mat(40, 40, CV_8UC3, cv::Scalar::all(0)));
  EXPECT_EQ(found.detections().size(), 1U) << found.reason();
  const Outcome both =
      classify("ensemble:[constant:egg?score=1][ensemble:[constant:egg?score=0][constant:hen]]", kGray);
  EXPECT_EQ(both.labels().at(0).name, "egg");
  EXPECT_DOUBLE_EQ(both.labels().at(0).score, 0.5);
  EXPECT_DOUBLE_EQ(both.labels().at(1).score, 0.25);

  const auto make = [&](std::string_view text) { (void)classifiers.make(text); };
  EXPECT_ERROR(errc::invalid_config, "head is none of auto, detr, end_to_end, ssd, yolo_columns, yolo_rows, yolox",
               make("detector:a?head=yolo"));
  EXPECT_ERROR(errc::invalid_config, "cascade none.xml cannot be used", make("cascade:none.xml?label=face"));
  EXPECT_ERROR(errc::invalid_config, "[one][another]", make("ensemble:hog"));
  EXPECT_ERROR(errc::invalid_config, "is not closed", make("ensemble:[hog"));
  EXPECT_ERROR(errc::invalid_config, "neither mean nor vote", make("ensemble:[hog]?combine=sum"));
  EXPECT_ERROR(errc::invalid_config, "did you mean hog?", make("ensemble:[hog][hug]"));
  EXPECT_ERROR(errc::invalid_config, "more than 8 levels", make("ensemble:" + std::string(100'000, '[')));
}

TEST(ClassifierRegistry, NamesTheKnownOnesAndTheClosest) {
  const auto make = [](std::string_view text) { (void)built_in_classifiers().make(text); };
  EXPECT_ERROR(errc::invalid_config, "no classifier is called onx; did you mean onnx? Known are: ", make("onx:a.onnx"));
  EXPECT_ERROR(errc::invalid_config, "set CONVEYOR_CLASSIFIER, or conveyor.classifier", make(""));
  EXPECT_ERROR(errc::invalid_config, "\":a.onnx\": it does not begin with a classifier's name", make(":a.onnx"));
  EXPECT_ERROR(errc::invalid_config, "a file is missing; write onnx:...", make("onnx?activation=softmax"));
  EXPECT_ERROR(errc::invalid_config, "hog takes nothing behind a colon", make("hog:people"));
  EXPECT_ERROR(errc::invalid_config,
               "hog has no setting strid; did you mean stride? Known are: stride, padding, scale, min_score",
               make("hog?strid=8"));
}

TEST(ClassifierRegistry, SaysWhatIsWrongWithAValue) {
  const auto make = [](std::string_view text) { (void)built_in_classifiers().make(text); };
  EXPECT_ERROR(errc::invalid_config, "\"hog?stride=8.5\": stride is 8.5, not a whole number", make("hog?stride=8.5"));
  EXPECT_ERROR(errc::invalid_config, "scale is \"wide\", not a number", make("hog?scale=wide"));
  EXPECT_ERROR(errc::invalid_config, "scale is \"inf\", not a number", make("hog?scale=inf"));
  EXPECT_ERROR(errc::invalid_config, "scale is given twice", make("hog?scale=2&scale=1.5"));
  EXPECT_ERROR(errc::invalid_config, "scale has no value", make("hog?scale"));
  EXPECT_ERROR(errc::invalid_config, "rgb is \"yes\", neither true nor false", make("onnx:a.onnx?rgb=yes"));
  EXPECT_ERROR(errc::invalid_config, "\"onnx:a.onnx?activation=yes\": activation is none of none, sigmoid, softmax",
               make("onnx:a.onnx?activation=yes"));
  EXPECT_ERROR(errc::invalid_config, "layout is none of auto, nchw, nhwc", make("onnx:a.onnx?layout=hwc"));
  EXPECT_ERROR(errc::invalid_config, "box_format is none of of_head, cxcywh, xyxy, yxyx",
               make("detector:a.onnx?box_format=xywh"));
  EXPECT_ERROR(errc::invalid_config, "box_units is none of of_head, normalized, pixels",
               make("detector:a.onnx?box_units=cells"));
  EXPECT_ERROR(errc::invalid_config, "background is none of of_head, first, last, none",
               make("detector:a.onnx?background=0"));
  EXPECT_ERROR(errc::invalid_config, "mean needs one number or three", make("onnx:a.onnx?mean=1,2"));
  EXPECT_ERROR(errc::invalid_config, "file of labels none.txt cannot be used: there is no such file",
               make("onnx:a.onnx?labels=none.txt"));
  EXPECT_ERROR(errc::invalid_config, "a.onnx cannot be used: there is no such file", make("onnx:a.onnx"));
}

TEST(ClassifierRegistry, TakesClassifiersOfYourOwn) {
  ClassifierRegistry classifiers = built_in_classifiers();
  classifiers.add(
      "threshold",
      [](const ClassifierArguments& arguments) {
        Outcome outcome;
        outcome.add_label(arguments.word("label", "egg"), arguments.number("at", 0.5));
        return constant(outcome);
      },
      "threshold?at=0.5");
  EXPECT_NE(classifiers.make("threshold?label=yolk&at=1"), nullptr);
  EXPECT_EQ(classifiers.entries().back().usage, "threshold?at=0.5");
  EXPECT_ERROR(errc::invalid_config, "known already", classifiers.add("hog", [](auto&) { return nullptr; }));
  EXPECT_ERROR(errc::invalid_config, "\"a b\" is not a name", classifiers.add("a b", [](auto&) { return nullptr; }));
  EXPECT_ERROR(errc::invalid_config, "no function", classifiers.add("none", nullptr));
  classifiers.add("nothing", [](auto&) { return nullptr; });
  EXPECT_ERROR(errc::invalid_config, "\"nothing\" was not made", (void)classifiers.make("nothing"));
}

TEST(ClassifierRegistry, MayHaveAnotherFunctionMakeAKnownOne) {
  ClassifierRegistry classifiers = built_in_classifiers();
  const std::string usage = classifiers.entries().front().usage;
  classifiers.replace("cascade", [](const ClassifierArguments& arguments) {
    Outcome outcome;
    outcome.add_label(arguments.subject("a file"), 1);
    return constant(outcome);
  });
  EXPECT_NE(classifiers.make("cascade:none.xml"), nullptr);
  EXPECT_EQ(classifiers.entries().front().usage, usage) << "it stays";
  EXPECT_TRUE(classifiers.contains("cascade"));
  EXPECT_FALSE(classifiers.contains("cascades"));
  EXPECT_ERROR(errc::invalid_config, "cascades is not known",
               classifiers.replace("cascades", [](auto&) { return nullptr; }));
  EXPECT_ERROR(errc::invalid_config, "no function", classifiers.replace("hog", nullptr));
}

TEST(ClassifierRegistry, HasOpenCvRunNetworks) {
  const auto make = [](const std::string& keys) {
    return built_in_classifiers().make("onnx:" + kModels + "/means.onnx" + keys)->card().engine;
  };
  EXPECT_TRUE(make("").starts_with("OpenCV "));
  EXPECT_EQ(make("?engine=auto"), make("?engine=opencv"));
  EXPECT_ERROR(errc::invalid_config, "engine=onnxruntime needs a program that links Conveyor::onnxruntime",
               (void)make("?engine=onnxruntime"));
  EXPECT_ERROR(errc::invalid_config, "engine is none of auto, onnxruntime, opencv", (void)make("?engine=none"));
}

// As a user writes it.
class Brightness final : public Classifier {
 public:
  explicit Brightness(double threshold) : threshold_(threshold) {}
  std::string_view name() const override { return "brightness"; }
  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) {
      const double mean = cv::mean(images[i])[0] / 255;
      outcomes[i].add_label(mean > threshold_ ? "bright" : "dark", mean);
    }
  }

 private:
  double threshold_;
};

std::shared_ptr<const Model> configured(const conveyor::Config& config) {
  // [registry]
  auto classifiers = conveyor::vision::built_in_classifiers();
  classifiers.add("brightness", [](const conveyor::vision::ClassifierArguments& arguments) {
    return conveyor::vision::model_of<Brightness>(arguments.number("threshold", 0.5));
  });
  auto model = classifiers.make(config.classifier);  // CONVEYOR_CLASSIFIER=brightness?threshold=0.4
  // [/registry]
  return model;
}

TEST(ClassifierRegistry, ServesWhatTheConfigurationNames) {
  EXPECT_EQ(configured({.classifier = "brightness?threshold=0.4"})->card().name, "brightness");
  EXPECT_EQ(configured({.classifier = "constant:egg"})->card().name, "constant");
  EXPECT_ERROR(errc::invalid_config, "threshold is \"half\"",
               (void)configured({.classifier = "brightness?threshold=half"}));
}

TEST(ClassifierArguments, KeepAQuestionMarkInBracketsForWhoStandsThere) {
  const ClassifierArguments arguments("ensemble:[onnx:a.onnx?top=1][hog]?combine=mean");
  EXPECT_EQ(arguments.name(), "ensemble");
  EXPECT_EQ(arguments.subject("members"), "[onnx:a.onnx?top=1][hog]");
  EXPECT_EQ(arguments.word("combine"), "mean");
  arguments.check_all_used();
}

}  // namespace
}  // namespace conveyor::vision
