#include "conveyor/vision/session.h"

#include <gtest/gtest.h>

#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "conveyor/vision/fake.h"
#include "conveyor/vision/image.h"
#include "conveyor/vision/preprocess.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

using Kind = Outcome::Kind;

/// Labels an image with its first byte; misbehaves for some.
void by_value(const cv::Mat& image, Outcome& outcome) {
  switch (const int value = image.data[0]; value) {
    case 201:
      throw std::runtime_error("cannot bear 201");
    case 202:
      return;
    case 203:
      return outcome.add_label("nan", std::numeric_limits<double>::quiet_NaN());
    case 204:
      return outcome.add_detection("box", 1, {0, 0, std::numeric_limits<float>::infinity(), 1});
    case 205:
      throw RetryableError("later");
    case 206:
      throw DecodeError("unreadable");
    case 207:
      return outcome.add_detection("box", 1, {0, 0, -1, 1});
    case 208:
      throw 208;
    case 209:
      return outcome.add_label("huge", 1e300);
    default:
      outcome.add_label(std::to_string(value), 0.5);
  }
}

std::vector<cv::Mat> images_of(std::initializer_list<int> values) {
  std::vector<cv::Mat> images;
  for (const int value : values) images.emplace_back(4, 4, CV_8UC1, cv::Scalar(value));
  return images;
}

std::vector<Outcome> classify(Session& session, const std::vector<cv::Mat>& images) {
  std::vector<Outcome> outcomes(images.size());
  session.classify(images, outcomes);
  return outcomes;
}

TEST(Session, WarmsUpOnAPictureOfTheDeclaredShape) {
  std::vector<cv::Mat> seen;
  Session session(scripted(
      [&](const cv::Mat& image, Outcome& outcome) {
        seen.push_back(image.clone());
        outcome.nothing_found();
      },
      {.width = 20, .height = 10, .channels = 1, .depth = CV_16U}));
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].size(), cv::Size(20, 10));
  EXPECT_EQ(seen[0].type(), CV_16UC1);
  double low = 0, high = 0;
  cv::minMaxLoc(seen[0], &low, &high);
  EXPECT_LT(low, high);
}

TEST(Session, RefusesAClassifierThatFailsItsWarmUp) {
  EXPECT_ERROR(errc::invalid_config,
               "scripted failed its warm-up on a picture of 640 x 480, 3 channels, 8 bit: it threw: no",
               Session(scripted([](const cv::Mat&, Outcome&) { throw std::runtime_error("no"); })));
  EXPECT_ERROR(errc::invalid_config, "left the outcome unset", Session(scripted([](const cv::Mat&, Outcome&) {})));
  EXPECT_ERROR(errc::invalid_config, "no model", Session(nullptr));
  EXPECT_ERROR(errc::invalid_config, "made no classifier",
               Session(make_model({.name = "none"}, [] { return nullptr; })));
  EXPECT_ERROR(errc::invalid_config, "impossible input", Session(scripted(by_value, {.width = -1})));
  EXPECT_ERROR(errc::invalid_config, "impossible input",
               Session(scripted(by_value, {.width = kMaxImageSide, .height = kMaxImageSide})));
}

TEST(Session, KeepsABadImageFromFailingItsNeighbours) {
  Session session(scripted(by_value));
  const auto outcomes = classify(session, images_of({1, 201, 2, 202, 203, 204, 205, 206, 207, 208, 209, 3}));
  const Kind expected[] = {Kind::kPrediction, Kind::kFault, Kind::kPrediction, Kind::kFault,
                           Kind::kFault,      Kind::kFault, Kind::kRetryable,  Kind::kBadInput,
                           Kind::kFault,      Kind::kFault, Kind::kFault,      Kind::kPrediction};
  for (std::size_t i = 0; i < outcomes.size(); ++i) EXPECT_EQ(outcomes[i].kind(), expected[i]) << i;
  EXPECT_EQ(outcomes[0].labels().at(0).name, "1");
  EXPECT_EQ(outcomes[1].reason(), "it threw: cannot bear 201");
  EXPECT_EQ(outcomes[3].reason(), "it left the outcome unset; nothing_found() says that there is nothing");
  EXPECT_EQ(outcomes[4].reason(), "the score of label \"nan\" is nan");
  EXPECT_EQ(outcomes[6].reason(), "later");
  EXPECT_EQ(outcomes[11].labels().size(), 1U) << "nothing is left from the batch that failed";
}

TEST(Session, RefusesLabelsThatNobodyCouldRead) {
  const auto says = [](std::string name, int index) {
    return make_model({.name = "speaking", .labels = {"cat", "dog"}}, [=] {
      class Speaking final : public Classifier {
       public:
        Speaking(std::string name, int index) : name_(std::move(name)), index_(index) {}
        std::string_view name() const override { return "speaking"; }
        void classify(std::span<const cv::Mat>, std::span<Outcome> outcomes) override {
          for (Outcome& outcome : outcomes) outcome.add_label(name_, 1, index_);
        }

       private:
        std::string name_;
        int index_;
      };
      return std::make_unique<Speaking>(name, index);
    });
  };
  EXPECT_NO_THROW(Session(says("\xC3\xA9", 1)));
  EXPECT_NO_THROW(Session(says("fish", -1)));
  EXPECT_ERROR(errc::invalid_config, "the label \"\xEF\xBF\xBD\" is not UTF-8", Session(says("\xC3", 1)));
  EXPECT_ERROR(errc::invalid_config, "the index of label \"fish\" is 2; the model has 2 labels",
               Session(says("fish", 2)));
  EXPECT_ERROR(errc::invalid_config, "the index of label \"fish\" is -2", Session(says("fish", -2)));
}

TEST(Session, ShowsTheClassifierOnlyWhatItTakes) {
  int calls = 0;
  Session session(scripted(
      [&](const cv::Mat& image, Outcome& outcome) {
        ++calls;
        by_value(image, outcome);
      },
      {.width = 4, .height = 4, .channels = 1, .depth = CV_8U}));
  calls = 0;
  auto images = images_of({1, 2, 3, 4, 5, 6});
  images[1] = cv::Mat(5, 4, CV_8UC1, cv::Scalar(0));
  images[2] = cv::Mat(4, 4, CV_8UC3, cv::Scalar(0));
  images[3] = cv::Mat(4, 4, CV_16UC1, cv::Scalar(0));
  images[4] = cv::Mat();
  const auto outcomes = classify(session, images);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(outcomes[0].kind(), Kind::kPrediction);
  for (int i = 1; i < 5; ++i) EXPECT_EQ(outcomes[i].kind(), Kind::kBadInput) << i;
  EXPECT_EQ(outcomes[1].reason(),
            "classifier scripted takes images of 4 x 4, 1 channels, 8 bit; this one is 4 x 5, 1 "
            "channel, 8 bit");
  EXPECT_EQ(outcomes[5].labels().at(0).name, "6");
}

TEST(Session, KeepsToTheLargestBatch) {
  class Counting final : public Classifier {
   public:
    explicit Counting(std::vector<std::size_t>* sizes) : sizes_(sizes) {}
    std::string_view name() const override { return "counting"; }
    InputSpec input() const override { return {.max_batch = 3}; }
    void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
      sizes_->push_back(images.size());
      for (Outcome& outcome : outcomes) outcome.nothing_found();
    }

   private:
    std::vector<std::size_t>* sizes_;
  };
  std::vector<std::size_t> sizes;
  Session session(model_of<Counting>(&sizes));
  sizes.clear();
  classify(session, images_of({1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3, 1}));
}

TEST(Session, ChecksThatTheChainGivesWhatTheClassifierTakes) {
  const StepRegistry steps = built_in_steps();
  const Session session(scripted([](const cv::Mat&, Outcome& outcome) { outcome.nothing_found(); },
                                 {.width = 64, .height = 32, .channels = 1, .depth = CV_32F}));
  session.check(steps.parse("resize(64,32)|color(gray)|rescale"));
  session.check(steps.parse("color(gray)|rescale"));  // images may come in that size
  EXPECT_ERROR(
      errc::invalid_config,
      "takes images of 64 x 32, 1 channels, 32 bit float; the preprocess chain \"resize(32,64)|rescale\" gives "
      "32 x 64, 3 channels, 32 bit float",
      session.check(steps.parse("resize(32,64)|rescale")));
  EXPECT_ERROR(errc::invalid_config, "8 bit", session.check({}));
}

}  // namespace
}  // namespace conveyor::vision
