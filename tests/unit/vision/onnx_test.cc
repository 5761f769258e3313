#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <thread>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/serve.h"
#include "conveyor/vision/session.h"
#include "unit/vision/engine_under_test.h"
#include "unit/vision/expect_error.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

// models/make_models.py wrote them: means takes 3 x 6 x 8 and gives two scores, linear in the means of R, G and B.
std::filesystem::path file(const std::string& name) {
  return std::filesystem::path(CONVEYOR_TEST_MODELS) / (name + ".onnx");
}
double first_score(double r, double g, double b) { return 1 * r + 2 * g - 1 * b + 0.25; }
double second_score(double r, double g, double b) { return 0.5 * r - 1 * g + 3 * b - 0.5; }

Outcome classify(const std::shared_ptr<const Model>& model, const cv::Mat& image) {
  Session session(model);
  std::array<Outcome, 1> outcomes;
  session.classify(std::array{image}, outcomes);
  return outcomes[0];
}

const cv::Mat kBlue(6, 8, CV_8UC3, cv::Scalar(204, 102, 51));  // B, G, R: 0.8, 0.4, 0.2

TEST(Onnx, GivesTheScoresThatArithmeticGives) {
  const Outcome outcome = classify(engine_under_test::onnx(file("means"), {.labels = {"warm", "cold"}}), kBlue);
  ASSERT_EQ(outcome.labels().size(), 2U) << outcome.reason();
  EXPECT_EQ(outcome.labels()[0].name, "cold");
  EXPECT_EQ(outcome.labels()[0].index, 1);
  EXPECT_NEAR(outcome.labels()[0].score, second_score(0.2, 0.4, 0.8), 1e-5);
  EXPECT_EQ(outcome.labels()[1].name, "warm");
  EXPECT_NEAR(outcome.labels()[1].score, first_score(0.2, 0.4, 0.8), 1e-5);
}

TEST(Onnx, TakesTheChannelsInTheOrderAskedFor) {
  const Outcome outcome = classify(engine_under_test::onnx(file("means"), {.rgb = false}), kBlue);
  EXPECT_EQ(outcome.labels().at(0).name, "0");
  EXPECT_NEAR(outcome.labels().at(0).score, first_score(0.8, 0.4, 0.2), 1e-5);
}

TEST(Onnx, NormalisesEachChannelOfTheNetwork) {
  const Outcome outcome =
      classify(engine_under_test::onnx(file("means"),
                                       {.scale = 0.01, .mean = {0.1, 0.2, 0.3}, .deviation = {0.5, 2, 4}, .top = 1}),
               kBlue);
  const double r = (0.51 - 0.1) / 0.5, g = (1.02 - 0.2) / 2, b = (2.04 - 0.3) / 4;
  ASSERT_EQ(outcome.labels().size(), 1U);
  EXPECT_NEAR(outcome.labels()[0].score, std::max(first_score(r, g, b), second_score(r, g, b)), 1e-5);
}

TEST(Onnx, MakesProbabilitiesWithSoftmax) {
  const Outcome outcome =
      classify(engine_under_test::onnx(file("means"), {.activation = OnnxActivation::kSoftmax}), kBlue);
  const double a = std::exp(first_score(0.2, 0.4, 0.8)), b = std::exp(second_score(0.2, 0.4, 0.8));
  EXPECT_NEAR(outcome.labels().at(0).score, b / (a + b), 1e-6);
  EXPECT_NEAR(outcome.labels().at(1).score, a / (a + b), 1e-6);
}

TEST(Onnx, MakesProbabilitiesWithSigmoid) {
  const Outcome outcome =
      classify(engine_under_test::onnx(file("means"), {.activation = OnnxActivation::kSigmoid}), kBlue);
  EXPECT_NEAR(outcome.labels().at(0).score, 1 / (1 + std::exp(-second_score(0.2, 0.4, 0.8))), 1e-6);
  EXPECT_NEAR(outcome.labels().at(1).score, 1 / (1 + std::exp(-first_score(0.2, 0.4, 0.8))), 1e-6);
}

TEST(Onnx, TakesChannelsLast) {
  const auto model = engine_under_test::onnx(file("nhwc"));
  EXPECT_EQ(model->card().preprocess, "resize(8,6)|color(bgr)");
  const Outcome outcome = classify(model, kBlue);
  ASSERT_EQ(outcome.labels().size(), 3U) << outcome.reason();
  EXPECT_EQ(outcome.labels()[0].name, "2");  // of R, G and B
  EXPECT_NEAR(outcome.labels()[0].score, 0.8, 1e-6);
  EXPECT_NEAR(outcome.labels()[1].score, 0.4, 1e-6);
  EXPECT_NEAR(outcome.labels()[2].score, 0.2, 1e-6);
}

TEST(Onnx, ReadsGrayAndSixteenBit) {
  const auto model = engine_under_test::onnx(file("means_gray"), {.scale = 1.0 / 65535});
  EXPECT_EQ(model->card().preprocess, "resize(4,4)|color(gray)");
  const Outcome outcome = classify(model, cv::Mat(4, 4, CV_16UC1, cv::Scalar(13107)));
  EXPECT_NEAR(outcome.labels().at(0).score, 2 * 0.2 + 1, 1e-5);
}

TEST(Onnx, TakesOpenSizesFromTheOptions) {
  const auto model = engine_under_test::onnx(file("means_any_size"), {.width = 20, .height = 10});
  EXPECT_EQ(model->card().preprocess, "resize(20,10)|color(bgr)");
  const Outcome outcome = classify(model, cv::Mat(10, 20, CV_8UC3, cv::Scalar(204, 102, 51)));
  EXPECT_NEAR(outcome.labels().at(0).score, second_score(0.2, 0.4, 0.8), 1e-5);
  EXPECT_ERROR(errc::invalid_config, "1 x 3 x -1 x -1; set OnnxOptions::height",
               (void)engine_under_test::onnx(file("means_any_size")));
}

TEST(Onnx, PredictsWithTheChainOfItsCard) {
  const auto model = engine_under_test::onnx(file("means"), {.labels = {"warm", "cold"}, .version = "3"});
  Predictor predict(model);
  v1::Image image;
  to_image(cv::Mat(480, 640, CV_8UC3, cv::Scalar(204, 102, 51)), image);
  const v1::Prediction prediction = predict(testing::message(image));
  EXPECT_EQ(prediction.object(0), "cold");
  EXPECT_EQ(prediction.preprocess(), "resize(8,6)|color(bgr)");
  EXPECT_EQ(prediction.model().name(), "means");
  EXPECT_EQ(prediction.model().version(), "3");
  std::ifstream stream(file("means"), std::ios::binary);
  EXPECT_EQ(prediction.model().sha256(), sha256(std::string(std::istreambuf_iterator<char>(stream), {})));
}

double best_score(const std::shared_ptr<const Model>& model, const cv::Mat& pixels, const ServeOptions& options = {}) {
  v1::Image image;
  to_image(pixels, image);
  const v1::Prediction prediction = Predictor(model, options)(testing::message(image));
  return static_cast<double>(prediction.classifications(0).score());
}

TEST(Onnx, TurnsTheColoursOfAChainOnlyOnce) {
  const auto model = engine_under_test::onnx(file("means"));
  const double right = second_score(0.2, 0.4, 0.8);
  EXPECT_NEAR(best_score(model, kBlue), right, 1e-5);
  EXPECT_NEAR(best_score(model, kBlue, {.preprocess = "resize(8,6)|color(rgb)"}), right, 1e-5);
  EXPECT_NEAR(best_score(model, kBlue, {.preprocess = "color(rgb)|color(bgr)"}), right, 1e-5);
  const auto bgr = engine_under_test::onnx(file("means"), {.rgb = false});
  EXPECT_ERROR(errc::invalid_config, "say rgb=true if the network wants R, G, B",
               (void)Predictor(bgr, {.preprocess = "color(rgb)"}));
}

TEST(Onnx, RefusesToNormaliseTwiceAndDoesItOnceWhereAsked) {
  const std::string chain = "rescale(0.00392156862745098,0)|color(rgb)|normalize(0.485,0.456,0.406,0.229,0.224,0.225)";
  EXPECT_ERROR(
      errc::invalid_config,
      "it scales pixels itself (R, G, B, pixel * 0.00392157, pixels of 0 to 255), and the step "
      "normalize(0.485,0.456,0.406,0.229,0.224,0.225) of the preprocess chain left normalised values: leave that "
      "step out of the chain, or have pixels fed as they are, with scale=1",
      (void)Predictor(engine_under_test::onnx(file("means")), {.preprocess = chain}));
  EXPECT_ERROR(
      errc::invalid_config, "rescale(0.00392156862745098,0) of the preprocess chain left values rescaled to 0 to 1",
      (void)Predictor(engine_under_test::onnx(file("means")), {.preprocess = "rescale(0.00392156862745098,0)"}));
  const double right = second_score((0.2 - 0.485) / 0.229, (0.4 - 0.456) / 0.224, (0.8 - 0.406) / 0.225);
  EXPECT_NEAR(best_score(engine_under_test::onnx(file("means"), {.scale = 1}), kBlue, {.preprocess = chain}), right,
              1e-4);
}

TEST(Onnx, BringsPicturesOfMoreBitsToTheRangeOfItsScale) {
  const auto model = engine_under_test::onnx(file("means"));
  const double right = second_score(0.2, 0.4, 0.8);
  cv::Mat sixteen;
  kBlue.convertTo(sixteen, CV_16U, 257);
  EXPECT_NEAR(best_score(model, sixteen), right, 1e-5);
  const auto twelve = [](const v1::Image& image, cv::Mat& buffer) {
    const cv::Mat pixels = decode(image, buffer);
    pixels.convertTo(buffer, CV_16U, 4095.0 / 65535);
    return DecodedImage(buffer, PixelRange::levels(4095));
  };
  EXPECT_NEAR(best_score(model, sixteen, {.decode = twelve}), right, 1e-5);
  EXPECT_NEAR(best_score(engine_under_test::onnx(file("means"), {.scale = 1.0 / 65535}), sixteen), right, 1e-5);
  EXPECT_NEAR(best_score(engine_under_test::onnx(file("means"), {.scale = 1.0 / 65535}), kBlue), right, 1e-5);
}

TEST(Onnx, AsksWhichWhiteAScaleIsForThatDoesNotSayIt) {
  cv::Mat sixteen;
  kBlue.convertTo(sixteen, CV_16U, 257);
  const double right = second_score(51, 102, 204);
  EXPECT_NEAR(best_score(engine_under_test::onnx(file("means"), {.scale = 1}), kBlue), right, 1e-3);
  EXPECT_ERROR(errc::decode,
               "say white=65535 in its card or options if it wants such pixels, or white=255 to have them",
               (void)best_score(engine_under_test::onnx(file("means"), {.scale = 1}), sixteen));
  EXPECT_NEAR(best_score(engine_under_test::onnx(file("means"), {.scale = 1, .white = 255}), sixteen), right, 1e-3);
  EXPECT_NEAR(best_score(engine_under_test::onnx(file("means"), {.scale = 1, .white = 65535}), sixteen),
              second_score(51 * 257, 102 * 257, 204 * 257), 0.5);
  EXPECT_NEAR(best_score(engine_under_test::onnx(file("means"), {.scale = 1, .white = 1}), sixteen),
              second_score(0.2, 0.4, 0.8), 1e-5);
}

TEST(Onnx, RefusesPixelsThatAChainOfAnotherDepthMade) {
  cv::Mat sixteen;
  kBlue.convertTo(sixteen, CV_16U, 257);
  const auto model = engine_under_test::onnx(file("means"), {.scale = 1});
  const std::string chain = "rescale(0.00392156862745098,0)";
  EXPECT_NEAR(best_score(model, kBlue, {.preprocess = chain}), second_score(0.2, 0.4, 0.8), 1e-5);
  EXPECT_ERROR(errc::decode, "bring pixels to that range before the step, with depth(8)",
               (void)best_score(model, sixteen, {.preprocess = chain}));
  EXPECT_NEAR(best_score(model, sixteen, {.preprocess = "depth(8)|" + chain}), second_score(0.2, 0.4, 0.8), 1e-5);
  EXPECT_ERROR(errc::invalid_config, "made with numbers for pixels of 0 to 1",
               (void)Predictor(model, {.preprocess = "normalize(0.485,0.456,0.406,0.229,0.224,0.225)"}));
}

TEST(Onnx, RefusesACardWhoseNumbersAreForDifferentPixels) {
  EXPECT_ERROR(
      errc::invalid_config, "say scale=1 if mean and deviation are for pixels of 0 to 255",
      (void)engine_under_test::onnx(file("means"), {.mean = {123.675, 116.28, 103.53}, .deviation = {58, 57, 57}}));
  const auto small = engine_under_test::onnx(
      file("means"), {.scale = 1, .mean = {0.485, 0.456, 0.406}, .deviation = {0.229, 0.224, 0.225}});
  EXPECT_ERROR(errc::invalid_config, "say scale=0.00392156862745098", (void)best_score(small, kBlue));
  EXPECT_ERROR(errc::invalid_config, "white must be above 0",
               (void)engine_under_test::onnx(file("means"), {.white = -1}));
}

TEST(Onnx, RefusesPhysicalValuesUntilTheyAreLookedAtThroughAWindow) {
  const auto ct = [](const v1::Image& image, cv::Mat& buffer) { return DecodedImage(decode(image, buffer), 1, -1024); };
  const cv::Mat liver(4, 4, CV_16UC1, cv::Scalar(1024 + 40));  // 40 Hounsfield units
  const auto model = engine_under_test::onnx(file("means_gray"));
  EXPECT_ERROR(errc::decode, "rescale(FACTOR,OFFSET)|levels(WHITE)", (void)best_score(model, liver, {.decode = ct}));
  EXPECT_ERROR(errc::decode, "physical values",
               (void)best_score(model, liver, {.preprocess = "rescale", .decode = ct}));
  const double half = 2 * 0.5 + 1;
  EXPECT_NEAR(best_score(model, liver, {.preprocess = "rescale(1,160)|levels(400)", .decode = ct}), half, 1e-5);
  const auto as_they_are = engine_under_test::onnx(file("means_gray"), {.scale = 1});
  EXPECT_NEAR(best_score(as_they_are, liver, {.preprocess = "rescale(0.0025,0.4)", .decode = ct}), half, 1e-5);
}

TEST(Onnx, ClassifiersOfOneModelWorkSideBySide) {
  const auto model = engine_under_test::onnx(file("means"));
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        Session session(model);
        std::array<Outcome, 1> outcomes;
        for (int i = 0; i < 100; ++i) {
          const double value = (7 * i + 50 * t) % 255;
          session.classify(std::array{cv::Mat(6, 8, CV_8UC3, cv::Scalar::all(value))}, outcomes);
          const double mean = value / 255;
          const double expected = std::max(first_score(mean, mean, mean), second_score(mean, mean, mean));
          if (std::abs(outcomes[0].labels().at(0).score - expected) > 1e-4) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(Onnx, SaysWhatIsWrongWithAFile) {
  EXPECT_ERROR(errc::invalid_config, "none.onnx cannot be used: there is no such file",
               (void)engine_under_test::onnx(file("none")));
  EXPECT_ERROR(errc::invalid_config, "its output is 1 x 3 x 6 x 8, not one vector",
               (void)engine_under_test::onnx(file("map")));
  EXPECT_ERROR(errc::invalid_config, "it has 2 outputs, not one: name the one of scores with outputs",
               (void)engine_under_test::onnx(file("ssd")));
  EXPECT_ERROR(errc::invalid_config, "it has 2 inputs, not one", (void)engine_under_test::onnx(file("two_inputs")));
  EXPECT_ERROR(errc::invalid_config, "2 scores for 3 labels",
               (void)engine_under_test::onnx(file("means"), {.labels = {"a", "b", "c"}}));
  EXPECT_ERROR(errc::invalid_config, "OnnxOptions::width is 9",
               (void)engine_under_test::onnx(file("means"), {.width = 9}));
  EXPECT_ERROR(errc::invalid_config, "deviation not 0",
               (void)engine_under_test::onnx(file("means"), {.deviation = {1, 0, 1}}));
}

TEST(Onnx, RefusesBrokenFiles) {
  std::ifstream stream(file("means"), std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(stream), {});
  const auto path = std::filesystem::temp_directory_path() / ("conveyor_onnx_" + std::to_string(::getpid()) + ".onnx");
  for (const std::string& bytes : {std::string(), std::string("no model at all"), std::string(500, '\0'),
                                   whole.substr(0, whole.size() / 2), whole.substr(0, whole.size() - 1)}) {
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_ERROR(errc::invalid_config, path.string(), (void)engine_under_test::onnx(path));
  }
  std::filesystem::remove(path);
}

TEST(Onnx, ScoresThatAreNoNumbersFailTheWarmUp) {
  EXPECT_ERROR(errc::invalid_config, "the score of label \"0\" is nan", Session(engine_under_test::onnx(file("nan"))));
}

}  // namespace
}  // namespace conveyor::vision
