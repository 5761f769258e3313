#include <gtest/gtest.h>

#include <chrono>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "conveyor/media/image_codec.h"
#include "conveyor/v1/image.pb.h"
#include "unit/cli/child.h"
#include "unit/vision/temporary_folder.h"

namespace conveyor {
namespace {

using namespace std::chrono_literals;

const std::string kNetwork = std::string("onnx:") + CONVEYOR_TEST_MODELS "/means.onnx";
const std::string kPlugin = std::string("plugin:") + CONVEYOR_PLUGIN_THRESHOLD;

struct Result {
  int code = -1;
  std::string output = {};
  std::string errors = {};
};

Result run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {CONVEYOR_COMMAND, "classifier"});
  Child child(arguments);
  const int code = child.wait(30s);
  return {code, child.output(), child.errors()};
}

testing::AssertionResult has(const std::string& text, const std::string& part) {
  if (text.find(part) != text.npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << part << "\" is not in: " << text;
}

TEST(ClassifierCommand, ChecksAPluginAndPrintsItsCard) {
  const Result check = run({"check", kPlugin, "--runs", "3"});
  EXPECT_EQ(check.code, 0) << check.errors;
  EXPECT_TRUE(has(check.output, "name            threshold\nversion         1.2\nsha256          "));
  EXPECT_TRUE(has(check.output, "labels          2: dark, bright\npreprocess      resize(8,8)|color(gray)\n"));
  EXPECT_TRUE(has(check.output, "input           8 x 8, 1 channels, 8 bit, at most 4 a call\n"));
  EXPECT_TRUE(has(check.output, "(median of 3)\noutput          of noise, 8 x 8, 1 channel, 8 bit: 1 labels, 0 det"));
}

TEST(ClassifierCommand, PrintsJson) {
  const Result check = run({"check", kNetwork + "?version=\"7\"", "--json"});
  EXPECT_EQ(check.code, 0) << check.errors;
  EXPECT_TRUE(has(check.output, R"({"name":"means","version":"\"7\"","sha256":")"));
  EXPECT_TRUE(
      has(check.output, R"json("labels":[],"preprocess":"resize(8,6)|color(bgr)","input":{"width":8,"height":6,)json"));
  EXPECT_TRUE(has(check.output, R"("output":{"labels":2,"detections":0}})"));
}

TEST(ClassifierCommand, ClassifiesAPicture) {
  const vision::TemporaryFolder folder("conveyor_classifier_command_test");
  v1::Image image;
  media::to_png(cv::Mat(60, 80, CV_8UC3, cv::Scalar(204, 102, 51)), image);
  const std::string path = folder.write("blue.png", image.image_data()).string();
  const Result check = run({"check", kNetwork, "--image", path});
  EXPECT_EQ(check.code, 0) << check.errors;
  EXPECT_TRUE(has(check.output, "\n  1.6000  1\n  0.4500  0\n"));  // as onnx_test reckons

  const std::string text = folder.write("blue.txt", "blue").string();
  const Result refused = run({"check", kNetwork, "--image", text});
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(has(refused.errors, "conveyor: image " + text + ": it is neither PNG"));
}

TEST(ClassifierCommand, SaysWhatItConverts) {
  const vision::TemporaryFolder folder("conveyor_classifier_command_test");
  v1::Image image;
  media::to_png(cv::Mat(60, 80, CV_16UC3, cv::Scalar(204 * 257, 102 * 257, 51 * 257)), image);
  const std::string path = folder.write("blue16.png", image.image_data()).string();
  const Result check = run({"check", kNetwork, "--image", path, "--preprocess", "resize(8,6)|color(rgb)"});
  EXPECT_EQ(check.code, 0) << check.errors;
  EXPECT_TRUE(has(check.output, "\npixels          BGR order of channels, 0 to 255\n"));
  EXPECT_TRUE(has(check.output, "\nfeeds           R, G, B, pixel * 0.00392157, pixels of 0 to 255\n"));
  EXPECT_TRUE(has(check.output,
                  "\n  decoded    80 x 60, 3 channels, 16 bit, BGR, 0 to 65535\n"
                  "  prepared   8 x 6, 3 channels, 16 bit, RGB, 0 to 65535\n"
                  "  converted  16 bit, 0 to 65535, becomes 32 bit float, 0 to 255; R, G, B becomes B, G, R\n"));
  EXPECT_TRUE(has(check.output, "\n  1.6000  1\n  0.4500  0\n")) << "as of 8 bit and BGR";
  const Result twice = run({"check", kNetwork, "--preprocess", "resize(8,6)|color(bgr)|normalize(0,255)"});
  EXPECT_EQ(twice.code, 1);
  EXPECT_TRUE(has(twice.errors, "have pixels fed as they are, with scale=1"));
}

#ifdef CONVEYOR_TEST_DICOM
TEST(ClassifierCommand, ClassifiesADicomFile) {
  const std::string path = CONVEYOR_TEST_DICOM;
  const Result check = run({"check", "constant:seen", "--image", path});
  EXPECT_EQ(check.code, 0) << check.errors;
  EXPECT_TRUE(has(check.output, "\n  1.0000  seen\n"));
}
#endif

TEST(ClassifierCommand, SaysWhyAClassifierCannotBeUsed) {
  const auto fails = [](const std::vector<std::string>& arguments, const std::string& part) {
    const Result failed = run(arguments);
    EXPECT_EQ(failed.code, 1);
    EXPECT_EQ(failed.output, "");
    EXPECT_TRUE(has(failed.errors, part));
  };
  fails({"check", "plugin:./none.so"}, "plugin ./none.so cannot be used: there is no such file");
  fails({"check", "onx:a.onnx"}, "did you mean onnx?");
  fails({"check", std::string("onnx:") + CONVEYOR_TEST_MODELS "/nan.onnx"}, "classifier nan failed its warm-up");
  fails({"check", kNetwork, "--preprocess", "resize(9,9)"}, "the preprocess chain \"resize(9,9)\" gives 9 x 9");
  fails({"check", kNetwork, "--preprocess", "resise(9,9)"}, "did you mean resize?");
}

TEST(ClassifierCommand, ListsWhatASpecMayName) {
  const Result list = run({"list"});
  EXPECT_EQ(list.code, 0) << list.errors;
  EXPECT_TRUE(has(list.output, "\nconstant "));
  EXPECT_TRUE(has(list.output, " onnx:FILE"));
  EXPECT_TRUE(has(list.output, " plugin:FILE"));
}

TEST(ClassifierCommand, AnswersTwoToAWrongCommandLine) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"check"}, {"check", kNetwork, "--runs", "0"}, {"list", "onnx"}}) {
    const Result wrong = run(arguments);
    EXPECT_EQ(wrong.code, 2) << wrong.output;
    EXPECT_FALSE(wrong.errors.empty());
  }
  const Result help = run({"check", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_TRUE(has(help.output, "Exit codes:"));
  EXPECT_TRUE(has(help.output, "Examples:\n  conveyor "));
}

}  // namespace
}  // namespace conveyor
