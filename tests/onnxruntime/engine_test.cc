#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <opencv2/core.hpp>
#include <string>

#include "conveyor/onnxruntime/onnx.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/session.h"
#include "vision/expect_error.h"

namespace conveyor::onnxruntime {
namespace {

const std::string kModels = CONVEYOR_TEST_MODELS;

vision::Outcome classify(const std::shared_ptr<const vision::Model>& model, const cv::Mat& image) {
  vision::Session session(model);
  std::array<vision::Outcome, 1> outcomes;
  session.classify(std::array{image}, outcomes);
  return outcomes[0];
}

TEST(OnnxRuntime, SaysWhatOpenCvSays) {
  const std::string file = kModels + "/small_cnn.onnx";
  cv::Mat image(32, 32, CV_8UC3);
  cv::RNG random(7);
  random.fill(image, cv::RNG::UNIFORM, 0, 256);
  const vision::Outcome theirs = classify(onnx(file, {.softmax = true, .top = 0}), image);
  const vision::Outcome opencvs = classify(vision::onnx(file, {.softmax = true, .top = 0}), image);
  ASSERT_EQ(theirs.labels().size(), 5U);
  ASSERT_EQ(opencvs.labels().size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(theirs.labels()[i].index, opencvs.labels()[i].index);
    EXPECT_NEAR(theirs.labels()[i].score, opencvs.labels()[i].score, 1e-5);
  }
}

TEST(OnnxRuntime, StartsNoThreads) {
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
  };
  const auto model = onnx(kModels + "/small_cnn.onnx");
  const auto before = threads();
  vision::Session first(model), second(model);
  std::array<vision::Outcome, 1> outcomes;
  first.classify(std::array{cv::Mat(32, 32, CV_8UC3, cv::Scalar::all(9))}, outcomes);
  EXPECT_EQ(threads(), before);
}

TEST(OnnxRuntime, IsNamedInConfigurations) {
  vision::ClassifierRegistry classifiers = vision::built_in_classifiers();
  add_classifiers(classifiers);
  EXPECT_EQ(classifiers.make("onnxruntime:" + kModels + "/means.onnx?version=3")->card().version, "3");
  EXPECT_EQ(classifiers.make("onnxruntime_detector:" + kModels + "/ssd.onnx?head=ssd")->card().name, "ssd");
  EXPECT_ERROR(errc::invalid_config, "known already", add_classifiers(classifiers));
}

TEST(OnnxRuntime, SaysThatTheErrorIsIts) {
  EXPECT_ERROR(errc::invalid_config,
               "unknown.onnx cannot be used: ONNX Runtime says: ", (void)onnx(kModels + "/unknown.onnx"));
}

}  // namespace
}  // namespace conveyor::onnxruntime
