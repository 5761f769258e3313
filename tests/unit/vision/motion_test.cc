#include "conveyor/vision/motion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>

#include "conveyor/vision/session.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

/// A gray room, and something of another gray in it.
cv::Mat room(cv::Rect thing = {}, int type = CV_8UC1, int gray = 64) {
  cv::Mat image(480, 640, type, cv::Scalar::all(gray));
  if (!thing.empty()) image(thing).setTo(cv::Scalar::all(200));
  return image;
}

class MotionClassifier : public ::testing::Test {
 protected:
  std::vector<Detection> see(const cv::Mat& image) {
    session_.classify(std::array{image}, outcomes_);
    EXPECT_EQ(outcomes_[0].kind(), Outcome::Kind::kPrediction) << outcomes_[0].reason();
    return outcomes_[0].detections();
  }

  Session session_{motion()};
  std::array<Outcome, 1> outcomes_;
};

TEST_F(MotionClassifier, FindsWhatCameIntoTheRoom) {
  EXPECT_TRUE(see(room()).empty()) << "the warm-up left no background";
  EXPECT_TRUE(see(room()).empty());
  const auto found = see(room({100, 200, 60, 80}, CV_8UC3));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].label.name, "motion");
  EXPECT_DOUBLE_EQ(found[0].label.score, 1);
  EXPECT_EQ(found[0].box, (Box{100, 200, 60, 80}));
}

TEST_F(MotionClassifier, GetsUsedToWhatStays) {
  see(room());
  std::size_t images = 0;
  while (images < 500 && !see(room({100, 200, 60, 80})).empty()) ++images;
  // What differs by 136 levels is known when 136 * 0.98^n < 25.
  EXPECT_NEAR(static_cast<double>(images), std::log(25.0 / 136) / std::log(0.98), 2);
}

TEST_F(MotionClassifier, IgnoresNoiseAndChangesOfTheWholeScene) {
  see(room());
  cv::Mat noisy = room();
  for (int x = 0; x < 640; x += 8) noisy.at<unsigned char>(100, x) = 255;
  EXPECT_TRUE(see(noisy).empty());
  EXPECT_TRUE(see(room({}, CV_8UC1, 180)).empty()) << "the light went on";
  EXPECT_TRUE(see(room({}, CV_8UC1, 180)).empty());
  EXPECT_TRUE(see(cv::Mat(240, 320, CV_8UC1, cv::Scalar(5))).empty()) << "another camera";
}

TEST(MotionModel, EachClassifierRemembersForItself) {
  const auto model = motion();
  Session first(model), second(model);
  std::array<Outcome, 1> outcomes;
  first.classify(std::array{room()}, outcomes);
  second.classify(std::array{room({100, 200, 60, 80})}, outcomes);
  EXPECT_TRUE(outcomes[0].detections().empty());
}

TEST(MotionModel, RefusesWhatItCannotTake) {
  Session session(motion());
  std::array<Outcome, 1> outcomes;
  session.classify(std::array{cv::Mat(8, 8, CV_8UC4, cv::Scalar(1))}, outcomes);
  EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kBadInput);
  EXPECT_ERROR(errc::invalid_config, "learning_rate", (void)motion({.learning_rate = 0}));
  EXPECT_ERROR(errc::invalid_config, "threshold", (void)motion({.threshold = 255}));
  EXPECT_ERROR(errc::invalid_config, "min_area", (void)motion({.min_area = -0.1}));
  EXPECT_ERROR(errc::invalid_config, "max_area", (void)motion({.max_area = 0}));
}

}  // namespace
}  // namespace conveyor::vision
