#include "conveyor/vision/hog.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "conveyor/vision/session.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

TEST(HogPeople, FindsNobodyInAnEmptyRoom) {
  Session session(hog_people());
  EXPECT_EQ(session.card().name, "hog_people");
  std::array<Outcome, 1> outcomes;
  for (const cv::Mat& room : {cv::Mat(300, 400, CV_8UC3, cv::Scalar(90, 120, 80)),
                              cv::Mat(300, 400, CV_8UC1, cv::Scalar(9)), cv::Mat(20, 30, CV_8UC3, cv::Scalar(7))}) {
    session.classify(std::array{room}, outcomes);
    EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kPrediction) << outcomes[0].reason();
    EXPECT_TRUE(outcomes[0].detections().empty());
  }
}

TEST(HogPeople, RefusesImagesItCannotRead) {
  Session session(hog_people());
  std::array<Outcome, 1> outcomes;
  for (const int type : {CV_8UC4, CV_16UC1}) {
    session.classify(std::array{cv::Mat(300, 400, type, cv::Scalar(1))}, outcomes);
    EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kBadInput);
  }
}

TEST(HogPeople, RefusesOptionsOutOfRange) {
  EXPECT_ERROR(errc::invalid_config, "stride", (void)hog_people({.stride = 5}));
  EXPECT_ERROR(errc::invalid_config, "padding", (void)hog_people({.padding = -8}));
  EXPECT_ERROR(errc::invalid_config, "scale", (void)hog_people({.scale = 1}));
  EXPECT_ERROR(errc::invalid_config, "min_score", (void)hog_people({.min_score = -1}));
  EXPECT_ERROR(errc::invalid_config, "max_overlap", (void)hog_people({.max_overlap = 0}));
}

}  // namespace
}  // namespace conveyor::vision
