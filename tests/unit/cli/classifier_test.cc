#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "conveyor/media/image_codec.h"
#include "conveyor/v1/image.pb.h"
#include "egg_scan/model/phantom.h"
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

/// A picture of one colour: R 51, G 102, B 204.
std::string write_blue(const vision::TemporaryFolder& folder) {
  v1::Image image;
  media::to_png(cv::Mat(60, 80, CV_8UC3, cv::Scalar(204, 102, 51)), image);
  return folder.write("blue.png", image.image_data()).string();
}

cv::Mat read_png(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  v1::Image image;
  image.set_image_data(std::string(std::istreambuf_iterator<char>(file), {}));
  image.set_encoding(v1::IMAGE_ENCODING_PNG);
  cv::Mat buffer;
  return media::decode(image, buffer).clone();
}

TEST(ClassifierCommand, SaysWhatReachedTheNetwork) {
  const vision::TemporaryFolder folder("conveyor_classifier_command_test");
  const Result check =
      run({"check", kNetwork + "?scale=0.01&mean=0.1,0.2,0.3&deviation=0.5", "--image", write_blue(folder)});
  EXPECT_EQ(check.code, 0) << check.errors;
  EXPECT_TRUE(has(check.output,
                  "\n  converted  nothing\n"
                  "  network    1 x 3 x 6 x 8 (N, C, H, W), R, G, B, float\n"
                  "    R        min 0.82, mean 0.82, max 0.82\n"
                  "    G        min 1.64, mean 1.64, max 1.64\n"
                  "    B        min 3.48, mean 3.48, max 3.48\n"));
  const Result plugin = run({"check", kPlugin, "--image", write_blue(folder)});
  EXPECT_EQ(plugin.code, 0) << plugin.errors;
  EXPECT_TRUE(has(plugin.output, "\n  pixels     8 x 8 x 1 (H, W, C), gray, uint8\n    gray     min "));
}

TEST(ClassifierCommand, ShowsThePictureThatTheNetworkSaw) {
  const vision::TemporaryFolder folder("conveyor_classifier_command_test");
  const std::string blue = write_blue(folder), seen = (folder / "seen.png").string();
  const Result check = run(
      {"check", kNetwork + "?scale=0.01&mean=0.1,0.2,0.3&deviation=0.5&white=255", "--image", blue, "--show", seen});
  EXPECT_EQ(check.code, 0) << check.errors;
  EXPECT_TRUE(has(check.output, "\n  shown      " + seen + ", each pixel 60 x 60\n"));
  const cv::Mat picture = read_png(seen);
  EXPECT_EQ(picture.cols, 480);
  EXPECT_GT(picture.rows, 360) << "the labels are below it";
  EXPECT_EQ(picture.at<cv::Vec3b>(100, 100), cv::Vec3b(204, 102, 51));

  const std::string jpeg = (folder / "seen.jpg").string();
  EXPECT_EQ(run({"check", "detector:" CONVEYOR_TEST_MODELS "/yolo_rows.onnx?head=yolo_rows&min_score=0", "--image",
                 blue, "--show", jpeg})
                .code,
            0);
  EXPECT_GT(std::filesystem::file_size(jpeg), 1000U);
}

TEST(ClassifierCommand, SaysWhyItCannotShowAPicture) {
  const vision::TemporaryFolder folder("conveyor_classifier_command_test");
  const std::string blue = write_blue(folder);
  const Result nowhere = run({"check", kNetwork, "--image", blue, "--show", "/nowhere/seen.png"});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_TRUE(has(nowhere.errors, "--show /nowhere/seen.png cannot be written"));
  for (const std::vector<std::string>& options : {std::vector<std::string>{"--show", "seen.png"},
                                                  {"--image", blue, "--show", "seen.gif"},
                                                  {"--image", blue, "--image", blue, "--show", "seen.png"}}) {
    std::vector<std::string> arguments = {"check", kNetwork};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Result wrong = run(arguments);
    EXPECT_EQ(wrong.code, 2) << wrong.output;
    EXPECT_TRUE(has(wrong.errors, "--show")) << wrong.errors;
  }
}

TEST(ClassifierCommand, SaysWhichEngineRunsANetwork) {
  EXPECT_TRUE(has(run({"check", kNetwork + "?engine=opencv"}).output, "\nengine          OpenCV "));
#ifdef CONVEYOR_TEST_ONNXRUNTIME
  EXPECT_TRUE(has(run({"check", kNetwork}).output, "\nengine          ONNX Runtime "));
  EXPECT_TRUE(has(run({"check", kNetwork, "--json"}).output, R"("engine":"ONNX Runtime )"));
#endif
  EXPECT_TRUE(has(run({"check", "constant:a"}).output, "\nengine          -\n"));
}

std::vector<std::string> lines_of(std::istream&& stream) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with("  took ")) lines.push_back(line);  // which is another time each time
  }
  return lines;
}

TEST(ClassifierCommand, PrintsOfAPictureWhatTheDocsShow) {
  const vision::TemporaryFolder folder("conveyor_classifier_command_test");
  v1::Image image;
  media::to_png(egg::phantom(2, 1).slice, image);
  folder.write("egg.png", image.image_data());
  for (const char* name : {"egg_synthetic.onnx", "egg_synthetic.json"}) {
    std::filesystem::copy_file(std::filesystem::path(CONVEYOR_EGG_MODEL) / name, folder / name);
  }
  const std::string commands = std::filesystem::path(CONVEYOR_COMMAND).parent_path();
  Child child({"/usr/bin/env", "-C", (folder / "").string(), "PATH=" + commands + ":/usr/bin:/bin", "sh",
               CONVEYOR_CHECK_PICTURE ".sh"});
  EXPECT_EQ(child.wait(30s), 0) << child.errors();
  const std::string output = child.output();
  const auto picture = lines_of(std::istringstream(output.substr(output.find("\negg.png\n") + 1)));
  EXPECT_EQ(picture, lines_of(std::ifstream(CONVEYOR_CHECK_PICTURE ".txt"))) << output;
  EXPECT_EQ(read_png(folder / "seen.png").cols, 512);
}

/// Waits until the command has become the program of the classifiers.
bool has_become_the_classifiers_program(const Child& child) {
  const std::string file = "/proc/" + std::to_string(child.pid()) + "/exe";
  for (const auto deadline = std::chrono::steady_clock::now() + 30s; std::chrono::steady_clock::now() < deadline;) {
    std::error_code error;
    if (std::filesystem::read_symlink(file, error).filename() == "conveyor-classifier") return true;
    std::this_thread::yield();
  }
  return false;
}

TEST(ClassifierCommand, IsEndedBySignals) {
  for (const int number : {SIGINT, SIGTERM}) {
    Child child({CONVEYOR_COMMAND, "classifier", "check", "hog", "--runs", "100000"});
    ASSERT_TRUE(has_become_the_classifiers_program(child)) << child.errors();
    child.signal(number);
    EXPECT_EQ(child.wait(15s), -1);
    EXPECT_EQ(child.ended_by(), number);
  }
}

TEST(ClassifierCommand, IsFoundWhereItIsInstalledAlsoThroughALink) {
  const vision::TemporaryFolder folder("conveyor_classifier_command_test");
  const auto bin = folder / "a/b/bin";  // as deep as any folder of programs
  const auto libexec = (bin / CONVEYOR_COMMANDS_LIBEXEC).lexically_normal();
  std::filesystem::create_directories(bin);
  std::filesystem::create_directories(libexec);
  std::filesystem::copy_file(CONVEYOR_COMMAND, bin / "conveyor");
  std::filesystem::create_symlink(CONVEYOR_COMMANDS_CLASSIFIER, libexec / "conveyor-classifier");
  std::filesystem::create_symlink(bin / "conveyor", folder / "linked");
  Child child({(folder / "linked").string(), "classifier", "list"});
  EXPECT_EQ(child.wait(30s), 0) << child.errors();
  EXPECT_TRUE(has(child.output(), " onnx:FILE"));
}

TEST(ClassifierCommand, NamesAWordThatIsNoCommandAndWhatWasMeant) {
  const Result wrong = run({"chek", "hog"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_TRUE(has(wrong.errors, "conveyor classifier: unknown command chek; did you mean check?")) << wrong.errors;
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
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"check", "--help"}, {"list", "--help"}}) {
    const Result help = run(arguments);
    EXPECT_EQ(help.code, 0);
    EXPECT_TRUE(has(help.output, "Usage: conveyor classifier ")) << help.output;
    EXPECT_TRUE(has(help.output, "Exit codes:"));
    EXPECT_TRUE(has(help.output, "Examples:\n  conveyor "));
  }
}

}  // namespace
}  // namespace conveyor
