#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "conveyor/observer.h"
#include "conveyor/onnxruntime/onnx.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/session.h"
#include "observe/library_log.h"
#include "unit/vision/expect_error.h"
#include "unit/vision/onnx_writer.h"
#include "unit/vision/temporary_folder.h"

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
  const vision::Outcome theirs =
      classify(onnx(file, {.activation = vision::OnnxActivation::kSoftmax, .top = 0}), image);
  const vision::Outcome opencvs =
      classify(vision::onnx(file, {.activation = vision::OnnxActivation::kSoftmax, .top = 0}), image);
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

class Lines final : public Observer {
 public:
  void on_log(const LogLine& line) override {
    const std::lock_guard lock{mutex_};
    lines_.push_back(std::string(line.source) + ": " + std::string(line.text));
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST(OnnxRuntime, WritesItsLinesToObserversAlone) {
  using namespace vision::onnx_writer;
  // It fails while it runs, which ONNX Runtime logs: 192 numbers are no 7.
  const std::string network = model(Graph{
      .nodes = {node("Reshape", {"image", "to"}, {"scores"})},
      .weights = {integers("to", {2}, {1, 7})},
      .inputs = {value("image", 1, {1, 3, -1, -1})},
      .outputs = {
          value("scores", 1, {1, -1})}}.text());
  const vision::TemporaryFolder folder("conveyor_lines");
  const auto file = folder.write("network.onnx", network);
  const auto observer = std::make_shared<Lines>();
  const detail::LibraryLogSubscription subscription(observer);
  ::testing::internal::CaptureStderr();
  EXPECT_ERROR(errc::invalid_config, "ONNX Runtime says: ", (void)onnxruntime::onnx(file, {.width = 8, .height = 8}));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  const auto lines = observer->lines();
  ASSERT_FALSE(lines.empty());
  EXPECT_TRUE(lines[0].starts_with("ONNX Runtime: ")) << lines[0];
}

TEST(OpenCv, NamesWhatMayRunANetworkThatItFailsAt) {
  using namespace vision::onnx_writer;
  const std::string network = model(Graph{
      .nodes = {node("ReduceMax", {"image"}, {"most"}, {attribute("keepdims", 0)}),
                node("Mul", {"most", "none"}, {"zero"}), node("Add", {"table", "zero"}, {"scores"})},
      .weights = {floats("none", {}, {0}), floats("table", {1, 2, 3}, {1, 2, 3, 4, 5, 6})},
      .inputs = {value("image", 1, {1, 3, 6, 8})},
      .outputs = {value("scores", 1,
                        {1, 2, 3})}}.text());
  const vision::TemporaryFolder folder("conveyor_fails");
  const auto file = folder.write("network.onnx", network);
  EXPECT_ERROR(errc::invalid_config, "ONNX Runtime (\"onnxruntime:\"", (void)vision::onnx(file));
  EXPECT_ERROR(errc::invalid_config, "OpenCV says: ", (void)vision::onnx(file));
}

TEST(OpenCv, WritesNoLinesOfItsOwn) {
  ::testing::internal::CaptureStderr();
  EXPECT_ERROR(errc::invalid_config, "OpenCV says: ", (void)vision::onnx(kModels + "/unknown.onnx"));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace conveyor::onnxruntime
