#include "cli/output/seen_picture.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace conveyor::cli {
namespace {

using vision::ChannelOrder;
using vision::NetworkInput;
using vision::Outcome;
using vision::PixelRange;

/// What a network that normalises gets of one colour, in its order.
NetworkInput of_color(const std::array<double, 3>& pixel, ChannelOrder order, bool channels_last) {
  const std::array<int, 4> first = {1, 3, 4, 6}, last = {1, 4, 6, 3};
  NetworkInput input{.channels_last = channels_last, .order = order, .range = PixelRange::levels(255)};
  input.factor = {1 / 255.0 / 0.229, 1 / 255.0 / 0.224, 1 / 255.0 / 0.225};
  input.offset = {-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225};
  input.tensor.create(4, (channels_last ? last : first).data(), CV_32F);
  for (int i = 0; i < 72; ++i) {
    const auto c = static_cast<std::size_t>(channels_last ? i % 3 : i / 24);
    input.tensor.ptr<float>()[i] = static_cast<float>(pixel[c] * input.factor[c] + input.offset[c]);
  }
  return input;
}

TEST(SeenPicture, UndoesScaleMeanDeviationAndOrder) {
  for (const bool channels_last : {false, true}) {
    const SeenPicture rgb = seen_picture(of_color({200, 100, 50}, ChannelOrder::kRgb, channels_last));
    EXPECT_EQ(rgb.pixels.size(), cv::Size(6, 4));
    EXPECT_EQ(rgb.pixels.type(), CV_8UC3);
    EXPECT_EQ(rgb.pixels.at<cv::Vec3b>(3, 5), cv::Vec3b(50, 100, 200)) << "B, G, R";
    EXPECT_FALSE(rgb.stretched);
    const SeenPicture bgr = seen_picture(of_color({200, 100, 50}, ChannelOrder::kBgr, channels_last));
    EXPECT_EQ(bgr.pixels.at<cv::Vec3b>(0, 0), cv::Vec3b(200, 100, 50));
  }
}

TEST(SeenPicture, HasTheRangeThatTheNetworkWants) {
  NetworkInput input{.tensor = cv::Mat(2, 2, CV_16UC1, cv::Scalar(2048)), .range = PixelRange::levels(4095)};
  EXPECT_EQ(seen_picture(input).pixels.at<cv::Vec3b>(0, 0), cv::Vec3b::all(128));
  input.range = {PixelRange::Kind::kRescaled, 2048, 4096};
  EXPECT_EQ(seen_picture(input).pixels.at<cv::Vec3b>(0, 0), cv::Vec3b::all(0));
}

TEST(SeenPicture, StretchesWhatIsNoBrightness) {
  NetworkInput input{.tensor = cv::Mat(1, 3, CV_32FC1), .range = PixelRange::normalized()};
  input.tensor.at<float>(0) = -2;
  input.tensor.at<float>(1) = 0;
  input.tensor.at<float>(2) = 3;
  const SeenPicture seen = seen_picture(input);
  EXPECT_TRUE(seen.stretched);
  EXPECT_EQ(seen.black, -2);
  EXPECT_EQ(seen.white, 3);
  EXPECT_EQ(seen.pixels.at<cv::Vec3b>(0, 0), cv::Vec3b::all(0));
  EXPECT_EQ(seen.pixels.at<cv::Vec3b>(0, 1), cv::Vec3b::all(102));
  EXPECT_EQ(seen.pixels.at<cv::Vec3b>(0, 2), cv::Vec3b::all(255));
  input.tensor.setTo(std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(seen_picture(input).pixels.size(), cv::Size(3, 1)) << "nothing finite: it is drawn all the same";
}

TEST(SeenPicture, LeavesAlphaOut) {
  const NetworkInput input{.tensor = cv::Mat(1, 1, CV_8UC4, cv::Scalar(1, 2, 3, 4)),
                           .order = ChannelOrder::kBgr,
                           .range = PixelRange::levels(255)};
  EXPECT_EQ(seen_picture(input).pixels.at<cv::Vec3b>(0, 0), cv::Vec3b(1, 2, 3));
}

/// Where a picture differs from what is below it.
cv::Rect changed(const cv::Mat& picture, const cv::Scalar& below) {
  cv::Mat differs;
  cv::inRange(picture, below, below, differs);
  std::vector<cv::Point> points;
  cv::findNonZero(255 - differs, points);
  cv::Rect rect;
  for (const cv::Point& point : points)
    rect = rect.empty() ? cv::Rect(point, cv::Size(1, 1)) : rect | cv::Rect(point, cv::Size(1, 1));
  return rect;
}

const cv::Scalar kGray = cv::Scalar::all(90);

TEST(DrawnPicture, HasBoxesWhereTheyAreInTheEnlargedPicture) {
  Outcome outcome;
  outcome.add_detection("person", 0.987, {10, 40, 30, 50}, 0);
  const DrawnPicture drawn = drawn_on(cv::Mat(100, 120, CV_8UC3, kGray), outcome);
  EXPECT_EQ(drawn.enlarged, 4);
  ASSERT_GE(drawn.pixels.rows, 400);
  EXPECT_EQ(drawn.pixels.cols, 480);
  const cv::Mat picture = drawn.pixels.rowRange(0, 400);
  const auto is_changed = [&](int x, int y) { return picture.at<cv::Vec3b>(y, x) != cv::Vec3b::all(90); };
  EXPECT_TRUE(is_changed(40, 300) && is_changed(160, 300) && is_changed(100, 360)) << "left, right, lower edge";
  EXPECT_FALSE(is_changed(100, 260)) << "the inside stays";
  const cv::Rect all = changed(picture, kGray);
  EXPECT_NEAR(all.x, 40, 2);
  EXPECT_NEAR(all.br().y, 360, 3);
  EXPECT_LT(all.y, 160) << "label and score stand above the box";
  EXPECT_GT(all.y, 130);
}

TEST(DrawnPicture, CutsNoTextOffAtTheRightEdge) {
  Outcome outcome;
  outcome.add_detection("person", 0.5, {470, 100, 10, 50}, 0);
  const cv::Rect all = changed(drawn_on(cv::Mat(480, 480, CV_8UC3, kGray), outcome).pixels.rowRange(0, 480), kGray);
  EXPECT_LT(all.x, 400) << "the text is longer than the box is wide";
}

TEST(DrawnPicture, HasTheLabelsBelowIt) {
  Outcome outcome;
  outcome.add_label("left", 0.75);
  const DrawnPicture one = drawn_on(cv::Mat(480, 480, CV_8UC3, kGray), outcome);
  EXPECT_EQ(one.enlarged, 1);
  EXPECT_GT(one.pixels.rows, 480);
  EXPECT_TRUE(changed(one.pixels.rowRange(0, 480), kGray).empty()) << "nothing hides the picture";
  EXPECT_FALSE(changed(one.pixels.rowRange(480, one.pixels.rows), cv::Scalar::all(0)).empty());
  outcome.add_label("right", 0.25);
  EXPECT_GT(drawn_on(cv::Mat(480, 480, CV_8UC3, kGray), outcome).pixels.rows, one.pixels.rows);
}

TEST(DrawnPicture, IsWideEnoughForItsTexts) {
  Outcome outcome;
  outcome.add_label(std::string(40, 'w'), 0.75);
  EXPECT_GT(drawn_on(cv::Mat(480, 20, CV_8UC3, kGray), outcome).pixels.cols, 300);
}

TEST(DrawnPicture, TakesBoxesOfAnyNumbers) {
  Outcome outcome;
  outcome.add_detection("huge", 0.9, {-1e30F, -1e30F, 3e30F, 3e30F}, 7);
  outcome.add_detection("beside", 0.9, {1e20F, 5, 10, 10});
  outcome.add_detection("none", 0.9, {5, 5, 0, 0}, -1);
  EXPECT_EQ(drawn_on(cv::Mat(480, 480, CV_8UC3, kGray), outcome).pixels.cols, 480);
}

TEST(DrawnPicture, OfNoPredictionIsThePicture) {
  Outcome outcome;
  outcome.add_detection("half", 0.9, {5, 5, 50, 50});
  outcome.fault("it broke");
  const DrawnPicture drawn = drawn_on(cv::Mat(480, 480, CV_8UC3, kGray), outcome);
  EXPECT_EQ(drawn.pixels.rows, 480);
  EXPECT_TRUE(changed(drawn.pixels, kGray).empty());
}

TEST(DrawnPicture, WritesWhatItsFontHas) {
  EXPECT_EQ(drawable("egg 1"), "egg 1");
  EXPECT_EQ(drawable("Hühnerei\n\xff"), "H?hnerei??");
  EXPECT_EQ(drawable(std::string(60, 'a')), std::string(48, 'a') + "...");
}

}  // namespace
}  // namespace conveyor::cli
