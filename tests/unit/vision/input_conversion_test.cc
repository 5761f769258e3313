#include "vision/image/input_conversion.h"

#include <gtest/gtest.h>

#include <functional>
#include <opencv2/core.hpp>
#include <string>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/cascade.h"
#include "conveyor/vision/ensemble.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/hog.h"
#include "conveyor/vision/motion.h"
#include "conveyor/vision/serve.h"
#include "conveyor/vision/session.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

const cv::Vec3b kOrange(0, 102, 204);  // B, G, R
Sample orange(bool rgb = false) {
  return {.pixels = cv::Mat(4, 6, CV_8UC3, rgb ? cv::Scalar(204, 102, 0) : cv::Scalar(0, 102, 204)), .rgb = rgb};
}
Sample gray(int type, double value, PixelRange range = {}) {
  return {.pixels = cv::Mat(4, 6, type, cv::Scalar(value)), .range = range};
}

/// What a classifier that asks for such input sees; empty, and why, when it is refused.
struct Seen {
  cv::Mat image;
  std::string refusal;
};
Seen seen_by(const InputSpec& input, const Sample& sample) {
  Seen seen;
  Session session(scripted(
      [&](const cv::Mat& image, Outcome& outcome) {
        seen.image = image.clone();
        outcome.nothing_found();
      },
      input));
  seen.image.release();
  std::array<Outcome, 1> outcomes;
  session.classify(std::array{&sample}, outcomes);
  seen.refusal = outcomes[0].reason();
  return seen;
}

TEST(InputConversion, TurnsColoursOnlyWhereTheyComeTheOtherWay) {
  EXPECT_EQ(seen_by({.order = ChannelOrder::kBgr}, orange()).image.at<cv::Vec3b>(3, 5), kOrange);
  EXPECT_EQ(seen_by({.order = ChannelOrder::kBgr}, orange(true)).image.at<cv::Vec3b>(3, 5), kOrange);
  EXPECT_EQ(seen_by({.order = ChannelOrder::kRgb}, orange()).image.at<cv::Vec3b>(3, 5), cv::Vec3b(204, 102, 0));
  EXPECT_EQ(seen_by({.order = ChannelOrder::kRgb}, orange(true)).image.at<cv::Vec3b>(3, 5), cv::Vec3b(204, 102, 0));
  EXPECT_EQ(seen_by({}, orange(true)).image.at<cv::Vec3b>(3, 5), cv::Vec3b(204, 102, 0)) << "as the chain leaves them";
  const Sample alpha{.pixels = cv::Mat(2, 2, CV_16UC4, cv::Scalar(1, 2, 3, 4)), .rgb = true};
  EXPECT_EQ(seen_by({.order = ChannelOrder::kBgr}, alpha).image.at<cv::Vec4w>(1, 1), cv::Vec4w(3, 2, 1, 4));
  const Sample wide{.pixels = cv::Mat(2, 2, CV_64FC3, cv::Scalar(1, 2, 3)), .rgb = true};
  EXPECT_EQ(seen_by({.order = ChannelOrder::kBgr}, wide).image.at<cv::Vec3d>(1, 1), cv::Vec3d(3, 2, 1));
}

TEST(InputConversion, BringsLevelsToTheWhiteAskedFor) {
  const InputSpec bytes{.white = 255};
  EXPECT_EQ(seen_by(bytes, gray(CV_8UC1, 51)).image.type(), CV_8UC1) << "nothing is to be done";
  EXPECT_NEAR(seen_by(bytes, gray(CV_16UC1, 13107)).image.at<float>(0, 0), 51, 1e-5);
  EXPECT_NEAR(seen_by(bytes, gray(CV_16UC1, 819, PixelRange::levels(4095))).image.at<float>(0, 0), 51, 1e-5);
  EXPECT_NEAR(seen_by(bytes, gray(CV_32FC1, 0.2, PixelRange::levels(1))).image.at<float>(0, 0), 51, 1e-5);
  EXPECT_EQ(seen_by(bytes, gray(CV_8UC1, 1, PixelRange::levels(1))).image.at<float>(0, 0), 255) << "1 bit";
  const PixelRange of_video{PixelRange::Kind::kLevels, 16, 235};
  EXPECT_NEAR(seen_by(bytes, gray(CV_8UC1, 16, of_video)).image.at<float>(0, 0), 0, 1e-4);
  EXPECT_NEAR(seen_by(bytes, gray(CV_8UC1, 235, of_video)).image.at<float>(0, 0), 255, 1e-4);
  EXPECT_NEAR(seen_by({.white = 65535}, gray(CV_8UC1, 51)).image.at<float>(0, 0), 13107, 1e-2);
  EXPECT_NEAR(seen_by({.depth = CV_32F, .white = 1}, gray(CV_8UC1, 51)).image.at<float>(0, 0), 0.2, 1e-6);
  EXPECT_EQ(
      seen_by({.depth = CV_8U, .white = 255}, gray(CV_8UC1, 1, PixelRange::levels(1))).image.at<std::uint8_t>(0, 0),
      255);
  EXPECT_EQ(seen_by({}, gray(CV_16UC1, 13107)).image.at<std::uint16_t>(0, 0), 13107) << "any range";
}

TEST(InputConversion, RefusesWhatIsNoBrightnessAndSaysWhatToDo) {
  const auto refusal = [](const Sample& sample) { return seen_by({.white = 255}, sample).refusal; };
  Sample ct = gray(CV_16UC1, 13107);
  ct.intercept = -1024;
  for (const Sample& sample : {ct, gray(CV_32FC1, 0.2), gray(CV_32FC1, 0.2, PixelRange::normalized()),
                               gray(CV_32FC1, 0.2, {PixelRange::Kind::kRescaled, 0, 1}),
                               gray(CV_32FC1, 0.2, {PixelRange::Kind::kLevels, 1, 1}),
                               gray(CV_32FC1, 0.2, PixelRange::levels(std::numeric_limits<double>::infinity()))}) {
    EXPECT_NE(refusal(sample).find("levels(WHITE)"), std::string::npos) << refusal(sample);
  }
  EXPECT_EQ(
      refusal(gray(CV_32FC1, 0.2)),
      "classifier scripted takes brightness from 0, black, to 255, white; the picture's decoder left values of unknown "
      "range: leave that out, or say with levels(WHITE) behind it which value is white");
}

TEST(InputConversion, NamesTheStepThatGivesTheShapeAskedFor) {
  const auto cure = [](const InputSpec& input, const Sample& sample, const char* step) {
    const std::string refusal = seen_by(input, sample).refusal;
    EXPECT_NE(refusal.find(std::string("put ") + step + " at the end"), std::string::npos) << refusal;
  };
  cure({.channels = 1}, orange(), "color(gray)");
  cure({.channels = 3}, gray(CV_8UC1, 1), "color(bgr)");
  cure({.channels = 3, .order = ChannelOrder::kRgb}, gray(CV_8UC1, 1), "color(rgb)");
  cure({.depth = CV_8U}, gray(CV_16UC1, 1), "depth(8)");
}

TEST(InputConversion, LeavesThePixelsOfTheChainToTheChain) {
  Session session(scripted([](const cv::Mat&, Outcome& outcome) { outcome.nothing_found(); }));
  const PreprocessChain chain = built_in_steps().parse("resize(3,2)");
  Scratch scratch;
  std::array<Outcome, 1> outcomes;
  const Sample in = orange();
  const unsigned char* first = nullptr;
  for (int run = 0; run < 3; ++run) {
    const Sample& sample = chain.run(in, scratch);
    session.classify(std::array{&sample}, outcomes);
    if (run == 0) first = sample.pixels.data;
    EXPECT_EQ(sample.pixels.data, first) << "nobody holds them, so that they are written to again";
  }
}

TEST(InputConversion, RefusesOneSampleOfABatchAlone) {
  int seen = 0;
  Session session(scripted(
      [&](const cv::Mat&, Outcome& outcome) {
        ++seen;
        outcome.nothing_found();
      },
      {.white = 255}));
  seen = 0;
  const Sample good = gray(CV_8UC1, 1), wide = gray(CV_16UC1, 1), bad = gray(CV_32FC1, 1);
  std::array<Outcome, 4> outcomes;
  session.classify(std::array{&good, &bad, &wide, &good}, outcomes);
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(outcomes[1].kind(), Outcome::Kind::kBadInput);
  for (const std::size_t i : {0, 2, 3}) EXPECT_EQ(outcomes[i].kind(), Outcome::Kind::kPrediction) << i;
}

TEST(InputConversion, SaysWhatItDoes) {
  Session session(scripted([](const cv::Mat&, Outcome& outcome) { outcome.nothing_found(); },
                           {.order = ChannelOrder::kBgr, .white = 255}));
  EXPECT_EQ(session.conversion(orange()), "nothing");
  const Sample wide{.pixels = cv::Mat(2, 2, CV_16UC3, cv::Scalar(1, 2, 3)), .rgb = true};
  EXPECT_EQ(session.conversion(wide), "16 bit, 0 to 65535, becomes 32 bit float, 0 to 255; R, G, B becomes B, G, R");
  EXPECT_ERROR(errc::decode, "unknown range", (void)session.conversion(gray(CV_32FC1, 1)));
}

TEST(Session, RefusesAtOnceAChainThatCanNeverBeRight) {
  const Session session(
      scripted([](const cv::Mat&, Outcome& outcome) { outcome.nothing_found(); }, {.channels = 1, .white = 255}));
  EXPECT_NO_THROW(session.check(built_in_steps().parse("color(gray)")));
  EXPECT_ERROR(
      errc::invalid_config,
      "the preprocess chain \"color(gray)|zscore\" do not go together: it takes brightness from 0, black, to 255, "
      "white; the step zscore of the preprocess chain left normalised values",
      session.check(built_in_steps().parse("color(gray)|zscore")));
  EXPECT_NO_THROW(session.check(built_in_steps().parse("color(gray)|rescale(0.0622710622710623,0)"))) << "for 12 bit";
}

TEST(Session, AsksTheClassifierBeforeItConverts) {
  class Choosy final : public Classifier {
   public:
    std::string_view name() const override { return "choosy"; }
    InputSpec input() const override { return {.order = ChannelOrder::kBgr}; }
    std::string refusal(const Sample& sample) const override { return sample.rgb ? "wants no red first" : ""; }
    void classify(std::span<const cv::Mat>, std::span<Outcome> outcomes) override {
      for (Outcome& outcome : outcomes) outcome.nothing_found();
    }
  };
  Session session(model_of<Choosy>());
  std::array<Outcome, 1> outcomes;
  const Sample rgb = orange(true), bgr = orange();
  session.classify(std::array{&rgb}, outcomes);
  EXPECT_EQ(outcomes[0].reason(), "classifier choosy wants no red first");
  session.classify(std::array{&bgr}, outcomes);
  EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kPrediction);
}

TEST(Session, TakesWhatTheClassifierThrowsWhenItIsAskedForTheOutcomeOfThatImage) {
  class Unsteady final : public Classifier {
   public:
    std::string_view name() const override { return "unsteady"; }
    InputSpec input() const override { return {.order = ChannelOrder::kBgr}; }
    std::string refusal(const Sample& sample) const override {
      if (sample.rgb) throw RetryableError("the model is being fetched");
      if (sample.pixels.rows == 1) throw std::runtime_error("one line only");
      return {};
    }
    void classify(std::span<const cv::Mat>, std::span<Outcome> outcomes) override {
      for (Outcome& outcome : outcomes) outcome.nothing_found();
    }
  };
  Session session(model_of<Unsteady>());
  const Sample rgb = orange(true), bgr = orange();
  Sample line = orange();
  line.pixels = line.pixels.row(0);
  std::array<Outcome, 3> outcomes;
  session.classify(std::array<const Sample*, 3>{&rgb, &bgr, &line}, outcomes);
  EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kRetryable);
  EXPECT_EQ(outcomes[0].reason(), "the model is being fetched");
  EXPECT_EQ(outcomes[1].kind(), Outcome::Kind::kPrediction);
  EXPECT_EQ(outcomes[2].kind(), Outcome::Kind::kFault);
  EXPECT_EQ(outcomes[2].reason(), "it threw: one line only");
}

// Gray is 0.299 R + 0.587 G + 0.114 B: with red taken for blue, these two squares are as bright as what is around them.
TEST(OpenCvClassifiers, SeeTheSameGrayInEitherOrder) {
  const auto moved = [](const std::string& chain) {
    Session session(motion({.learning_rate = 1}));
    const PreprocessChain parsed = built_in_steps().parse(chain);
    std::size_t found = 0;
    for (const cv::Scalar& square : {cv::Scalar(40, 0, 0), cv::Scalar(0, 0, 40)}) {  // 4.6 and 12 of gray
      cv::Mat frame(60, 80, CV_8UC3, cv::Scalar(0, 0, 0));
      frame(cv::Rect(20, 10, 30, 30)).setTo(square * 6.0);  // 27 and 72
      Scratch scratch;
      const Sample& sample = parsed.run({.pixels = frame}, scratch);
      std::array<Outcome, 1> outcomes;
      session.classify(std::array{&sample}, outcomes);
      EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kPrediction) << outcomes[0].reason();
      found += outcomes[0].detections().size();
    }
    return found;
  };
  EXPECT_EQ(moved("color(bgr)"), 1U);
  EXPECT_EQ(moved("color(rgb)"), 1U);
}

TEST(OpenCvClassifiers, RefuseSixteenBitUnlessTheChainBringsItToEight) {
  for (const auto& model : {hog_people(), motion()}) {
    Predictor without(model);
    v1::Image image;
    to_image(cv::Mat(200, 200, CV_16UC1, cv::Scalar(13107)), image);
    EXPECT_ERROR(errc::decode, "put depth(8) at the end of the preprocess chain",
                 (void)without(testing::message(image)));
    Predictor with(model, {.preprocess = "depth(8)"});
    EXPECT_NO_THROW((void)with(testing::message(image)));
  }
}

TEST(Ensemble, BringsPixelsToWhatAllMembersTake) {
  std::vector<cv::Mat> seen;
  const auto member = [&](const InputSpec& input) {
    return scripted(
        [&](const cv::Mat& image, Outcome& outcome) {
          seen.push_back(image.clone());
          outcome.nothing_found();
        },
        input);
  };
  const auto both = ensemble({member({.order = ChannelOrder::kRgb}), member({.white = 255})});
  Session session(both);
  seen.clear();
  const Sample sample{.pixels = cv::Mat(2, 2, CV_16UC3, cv::Scalar(0, 0, 13107))};
  std::array<Outcome, 1> outcomes;
  session.classify(std::array{&sample}, outcomes);
  ASSERT_EQ(seen.size(), 2U);
  for (const cv::Mat& image : seen) EXPECT_NEAR(image.at<cv::Vec3f>(0, 0)[0], 51, 1e-4);
  EXPECT_ERROR(errc::invalid_config, "different channel orders: BGR and RGB",
               (void)ensemble({member({.order = ChannelOrder::kBgr}), member({.order = ChannelOrder::kRgb})}));
  EXPECT_ERROR(errc::invalid_config, "different values of white: 255 and 1",
               (void)ensemble({member({.white = 255}), member({.white = 1})}));
}

}  // namespace
}  // namespace conveyor::vision
