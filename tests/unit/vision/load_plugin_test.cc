#include "conveyor/vision/load_plugin.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/vision/preprocess.h"
#include "conveyor/vision/session.h"
#include "unit/vision/expect_error.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

using Kind = Outcome::Kind;

// Built in tests/unit/vision/plugins: the example, one in C, and one that does what its options say.
constexpr const char* kBrightness = CONVEYOR_PLUGIN_BRIGHTNESS;
constexpr const char* kThreshold = CONVEYOR_PLUGIN_THRESHOLD;
constexpr const char* kColors = CONVEYOR_PLUGIN_COLORS;
constexpr const char* kOdd = CONVEYOR_PLUGIN_ODD;
constexpr const char* kOfTomorrow = CONVEYOR_PLUGIN_OF_TOMORROW;

cv::Mat gray(int value, int side = 8) { return {side, side, CV_8UC1, cv::Scalar(value)}; }

std::vector<Outcome> classify(Session& session, const std::vector<cv::Mat>& images) {
  std::vector<Outcome> outcomes(images.size());
  session.classify(images, outcomes);
  return outcomes;
}

std::string digest_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return sha256(std::string(std::istreambuf_iterator<char>(stream), {}));
}

TEST(Plugin, ClassifiesAsItsClassDoes) {
  const auto model = load_plugin(kBrightness);
  EXPECT_EQ(model->card().name, "brightness");
  EXPECT_EQ(model->card().sha256, digest_of(kBrightness));
  Session session(model);
  EXPECT_EQ(session.input().channels, 1);
  const auto outcomes = classify(session, {gray(51), gray(204), cv::Mat(8, 8, CV_8UC3, cv::Scalar::all(9))});
  EXPECT_EQ(outcomes[0].labels().at(0).name, "dark");
  EXPECT_NEAR(outcomes[0].labels().at(0).score, 0.2, 1e-9);
  EXPECT_EQ(outcomes[1].labels().at(0).name, "bright");
  EXPECT_EQ(outcomes[2].kind(), Kind::kBadInput) << "images of another shape do not reach it";
}

TEST(Plugin, GetsItsOptions) {
  Session session(load_plugin(kBrightness, "0.1"));
  EXPECT_EQ(classify(session, {gray(51)})[0].labels().at(0).name, "bright");
  EXPECT_ERROR(errc::invalid_config, "libplugin_brightness.so cannot be used: the threshold must be above 0",
               (void)load_plugin(kBrightness, "7"));
  EXPECT_ERROR(errc::invalid_config, "zero byte", (void)load_plugin(kBrightness, std::string("0\0", 2)));
}

TEST(Plugin, InCIsAPluginToo) {
  const auto model = load_plugin(kThreshold, "100");
  EXPECT_EQ(model->card().name, "threshold");
  EXPECT_EQ(model->card().version, "1.2");
  EXPECT_EQ(model->card().preprocess, "resize(8,8)|color(gray)");
  EXPECT_EQ(model->card().labels, (std::vector<std::string>{"dark", "bright"}));
  Session session(model);
  EXPECT_EQ(session.input().max_batch, 4);
  const auto outcomes = classify(session, {gray(99), gray(100), gray(1), gray(2), gray(3), gray(204)});
  EXPECT_EQ(outcomes[0].labels().at(0).name, "dark");
  EXPECT_EQ(outcomes[1].labels().at(0).name, "bright");
  EXPECT_EQ(outcomes[5].labels().at(0).index, 1);
  EXPECT_ERROR(errc::invalid_config, "the threshold \"none\" is not above 0", (void)load_plugin(kThreshold, "none"));
}

Outcome classify(const std::shared_ptr<const Model>& model, const Sample& sample) {
  Session session(model);
  std::array<Outcome, 1> outcomes;
  session.classify(std::array{&sample}, outcomes);
  return outcomes[0];
}

TEST(Plugin, GetsTheOrderAndRangeItsClassAsksFor) {
  const auto model = load_plugin(kOdd, "rgb");
  for (const bool rgb : {false, true}) {
    const cv::Scalar orange = rgb ? cv::Scalar(204, 102, 0) : cv::Scalar(0, 102, 204);
    const Outcome outcome = classify(model, {.pixels = cv::Mat(4, 4, CV_8UC3, orange), .rgb = rgb});
    ASSERT_EQ(outcome.labels().size(), 1U) << outcome.reason();
    EXPECT_NEAR(outcome.labels()[0].score, 0.8, 1e-6);
  }
}

TEST(Plugin, ThatSaysNothingOfItsOrderGetsNoOther) {
  const Sample bgr{.pixels = cv::Mat(4, 4, CV_8UC3, cv::Scalar(1, 2, 3))};
  const Sample rgb{.pixels = cv::Mat(4, 4, CV_8UC3, cv::Scalar(3, 2, 1)), .rgb = true};
  EXPECT_EQ(classify(load_plugin(kColors), bgr).labels().at(0).score, 1);
  const Outcome refused = classify(load_plugin(kColors), rgb);
  EXPECT_EQ(refused.kind(), Kind::kBadInput);
  EXPECT_NE(refused.reason().find("put color(bgr) at the end of the chain"), std::string::npos) << refused.reason();
  EXPECT_EQ(classify(load_plugin(kColors, "resize(4,4)|color(rgb)"), rgb).labels().at(0).score, 3)
      << "its card's chain says that it wants it so";
}

TEST(Plugin, SeesRowsThatArePaddedOrCut) {
  Session session(load_plugin(kBrightness));
  cv::Mat whole(20, 20, CV_8UC1, cv::Scalar(255));
  whole(cv::Rect(3, 3, 8, 8)).setTo(51);
  EXPECT_NEAR(classify(session, {whole(cv::Rect(3, 3, 8, 8))})[0].labels().at(0).score, 0.2, 1e-9);
}

TEST(Plugin, AnswersWithAllThatAnOutcomeHolds) {
  Session session(load_plugin(kOdd));
  const auto outcomes = classify(session, {gray(51), gray(201), gray(202), gray(203), gray(200), gray(102)});
  EXPECT_EQ(outcomes[0].labels().at(0).name, "seen");
  EXPECT_EQ(outcomes[0].detections().at(0).label.name, "egg");
  EXPECT_EQ(outcomes[0].detections().at(0).box, (Box{1, 2, 3, 4}));
  EXPECT_EQ(outcomes[1].kind(), Kind::kBadInput);
  EXPECT_EQ(outcomes[1].reason(), "too dark");
  EXPECT_EQ(outcomes[2].kind(), Kind::kRetryable);
  EXPECT_EQ(outcomes[2].reason(), "later");
  EXPECT_EQ(outcomes[3].kind(), Kind::kPrediction);
  EXPECT_TRUE(outcomes[3].labels().empty() && outcomes[3].detections().empty());
  EXPECT_EQ(outcomes[4].kind(), Kind::kFault) << "one that makes it throw fails alone";
  EXPECT_EQ(outcomes[4].reason(), "it threw: cannot bear this image");
  EXPECT_NEAR(outcomes[5].labels().at(0).score, 0.4, 1e-9);
}

TEST(Plugin, ThatAnswersAgainstTheRulesFailsItsWarmUp) {
  const auto warm_up = [](const char* behaviour) { Session session(load_plugin(kOdd, behaviour)); };
  EXPECT_ERROR(errc::invalid_config, "odd failed its warm-up", warm_up("throw"));
  EXPECT_ERROR(errc::invalid_config, "not a std::exception", warm_up("throw a number"));
  EXPECT_ERROR(errc::invalid_config, "left the outcome unset", warm_up("unset"));
  EXPECT_ERROR(errc::invalid_config, "the score of label \"nan\" is nan", warm_up("nan"));
  EXPECT_ERROR(errc::invalid_config, "the label \"\xEF\xBF\xBD(\" is not UTF-8", warm_up("not utf-8"));
  EXPECT_ERROR(errc::invalid_config, "a label of 1025 bytes; 1024 are the most", warm_up("long"));
}

TEST(Plugin, ThatCannotBeMadeSaysWhy) {
  const auto load = [](const char* behaviour) { (void)load_plugin(kOdd, behaviour); };
  EXPECT_ERROR(errc::invalid_config, "no weights here", load("throw on load"));
  EXPECT_ERROR(errc::invalid_config, "not a std::exception", load("throw a number on load"));
  EXPECT_ERROR(errc::invalid_config, "it made no model", load("no model"));
  EXPECT_ERROR(errc::invalid_config, "its card has no name", load("no name"));
  EXPECT_ERROR(errc::invalid_config, "odd made no classifier: no memory for another",
               Session(load_plugin(kOdd, "throw on create")));
  EXPECT_ERROR(errc::invalid_config, "it made no classifier", Session(load_plugin(kOdd, "no classifier")));
}

TEST(Plugin, NamesItsWeightsInTheDigest) {
  EXPECT_EQ(load_plugin(kOdd, "weights")->card().sha256, sha256(digest_of(kOdd) + std::string(64, 'a')));
}

TEST(Plugin, IsNotAnyFile) {
  EXPECT_ERROR(errc::invalid_config, "plugin ./none.so cannot be used: there is no such file",
               (void)load_plugin("./none.so"));
  EXPECT_ERROR(errc::invalid_config, "no such file", (void)load_plugin(std::filesystem::temp_directory_path()));
  EXPECT_ERROR(errc::invalid_config, "plugin_test.cc cannot be used: it cannot be loaded", (void)load_plugin(__FILE__));
  EXPECT_ERROR(errc::invalid_config, "no symbol conveyor_plugin_table", (void)load_plugin(CONVEYOR_OTHER_LIBRARY));
  EXPECT_ERROR(errc::invalid_config, "version 2.3 of the plugin ABI; this Conveyor has 1.0",
               (void)load_plugin(kOfTomorrow));
}

TEST(Plugin, MayNotChangeUnderARunningProcess) {
  const auto copy = std::filesystem::temp_directory_path() / ("conveyor_plugin_test." + std::to_string(getpid()));
  std::filesystem::copy_file(kOdd, copy);
  Session session(load_plugin(copy));
  std::filesystem::remove(copy);
  std::filesystem::copy_file(kBrightness, copy);
  EXPECT_ERROR(errc::invalid_config, "it was changed after this process had loaded it", (void)load_plugin(copy));
  std::filesystem::remove(copy);
  EXPECT_EQ(classify(session, {gray(51)})[0].labels().at(0).name, "seen") << "who uses the old one goes on";
}

TEST(Plugin, ServesManyThreadsAndOutlivesItsModel) {
  std::vector<Session> sessions;
  {
    const auto model = load_plugin(kBrightness);
    for (int i = 0; i < 4; ++i) sessions.emplace_back(model);
  }
  std::array<int, 4> wrong{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < sessions.size(); ++t) {
      threads.emplace_back([&, t] {
        for (int value = 0; value < 256; ++value) {
          const auto outcome = classify(sessions[t], {gray(value)})[0];
          if (std::abs(outcome.labels().at(0).score - value / 255.0) > 1e-9) ++wrong[t];
        }
      });
    }
  }
  EXPECT_EQ(wrong, (std::array<int, 4>{}));
}

}  // namespace
}  // namespace conveyor::vision
