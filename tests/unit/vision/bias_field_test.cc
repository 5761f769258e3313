#include "vision/image/bias_field.h"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

std::vector<float> row(BiasField& field, int y, int width) {
  const float* values = field.row(y);
  return {values, values + width};
}

void expect_near(const std::vector<float>& values, const std::vector<double>& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-4) << "at " << i;
}

cv::Mat row_of(std::initializer_list<float> values) {
  cv::Mat pixels(1, static_cast<int>(values.size()), CV_32FC1);
  int x = 0;
  for (const float value : values) pixels.at<float>(0, x++) = value;
  return pixels;
}

TEST(BiasField, OfOneBrightnessIsThatBrightness) {
  for (const double deviation : {0.5, 2.0, 8.0, 40.0, 1e6}) {
    for (const cv::Size size : {cv::Size(1, 1), cv::Size(7, 5), cv::Size(101, 43)}) {
      BiasField field;
      field.estimate(cv::Mat(size, CV_8UC1, cv::Scalar(100)), {}, deviation);
      EXPECT_DOUBLE_EQ(field.mean(), 100);
      for (int y = 0; y < size.height; ++y) {
        for (const float value : row(field, y, size.width)) ASSERT_NEAR(value, 100, 1e-3) << deviation << " " << size;
      }
    }
  }
}

TEST(BiasField, WeighsNeighboursByTheirDistance) {
  BiasField field;
  field.estimate(row_of({0, 8}), {}, 1);
  const double near = std::exp(-0.5);
  EXPECT_DOUBLE_EQ(field.mean(), 4);
  expect_near(row(field, 0, 2), {8 * near / (1 + near), 8 / (1 + near)});
}

TEST(BiasField, ReachesThreeDeviationsAndNoFurther) {
  cv::Mat pixels(1, 50, CV_32FC1, cv::Scalar(5)), mask(1, 50, CV_8UC1, cv::Scalar(0));
  pixels.at<float>(0, 0) = 100;
  mask.at<unsigned char>(0, 0) = 255;
  BiasField field;
  field.estimate(pixels, mask, 1);
  const auto values = row(field, 0, 50);
  for (std::size_t x = 0; x < 50; ++x) EXPECT_NEAR(values[x], x <= 3 ? 100 : 0, 1e-4) << x;
}

TEST(BiasField, KnowsNothingOfPixelsOutside) {
  cv::Mat pixels(6, 6, CV_32FC1, cv::Scalar(9999)), mask(6, 6, CV_8UC1, cv::Scalar(0));
  const cv::Rect inside(1, 1, 4, 4);
  pixels(inside).setTo(100);
  mask(inside).setTo(255);
  pixels.at<float>(0, 0) = std::numeric_limits<float>::quiet_NaN();
  BiasField field;
  field.estimate(pixels, mask, 4);
  EXPECT_DOUBLE_EQ(field.mean(), 100);
  for (int y = 0; y < 6; ++y) {
    for (const float value : row(field, y, 6)) ASSERT_NEAR(value, 100, 1e-3) << "outside too, near the mask";
  }
}

// A deviation of 8 makes cells of 2 by 2 pixels, whose centres lie a quarter of a deviation apart.
TEST(BiasField, IsInterpolatedBetweenTheCentresOfItsCells) {
  const double near = std::exp(-1.0 / 32);
  const double left = 8 * near / (1 + near), right = 8 / (1 + near), step = right - left;
  const std::vector<double> expected{left, left + step / 4, left + step * 3 / 4, right};
  cv::Mat pixels(2, 4, CV_32FC1, cv::Scalar(0));
  pixels.colRange(2, 4).setTo(8);
  BiasField across;
  across.estimate(pixels, {}, 8);
  for (int y = 0; y < 2; ++y) expect_near(row(across, y, 4), expected);

  cv::Mat upright;
  cv::transpose(pixels, upright);
  BiasField down;
  down.estimate(upright, {}, 8);
  for (const int y : {3, 0, 2, 1, 1}) {  // in any order
    const double value = expected[static_cast<std::size_t>(y)];
    expect_near(row(down, y, 2), {value, value});
  }
}

TEST(BiasField, MuchWiderThanThePictureIsNearlyItsMean) {
  BiasField field;
  field.estimate(row_of({0, 10, 20, 50}), {}, 1e6);
  EXPECT_DOUBLE_EQ(field.mean(), 20);
  expect_near(row(field, 0, 4), {20, 20, 20, 20});
}

TEST(BiasField, IsTheSameForEveryTypeOfPixels) {
  cv::Mat bytes(5, 7, CV_8UC1);
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 7; ++x) bytes.at<unsigned char>(y, x) = static_cast<unsigned char>(10 * y + x);
  }
  BiasField of_bytes;
  of_bytes.estimate(bytes, {}, 2);
  for (const int depth : {CV_16U, CV_32F}) {
    cv::Mat pixels;
    bytes.convertTo(pixels, depth);
    BiasField field;
    field.estimate(pixels, {}, 2);
    EXPECT_EQ(field.mean(), of_bytes.mean());
    for (int y = 0; y < 5; ++y) EXPECT_EQ(row(field, y, 7), row(of_bytes, y, 7));
  }
}

TEST(BiasField, KeepsNothingOfThePictureBefore) {
  BiasField used;
  used.estimate(cv::Mat(60, 90, CV_16UC1, cv::Scalar(7)), {}, 12);
  static_cast<void>(used.row(59));
  cv::Mat pixels(8, 8, CV_16UC1, cv::Scalar(100));
  pixels.colRange(0, 4).setTo(300);
  used.estimate(pixels, {}, 8);
  BiasField fresh;
  fresh.estimate(pixels, {}, 8);
  EXPECT_EQ(used.mean(), fresh.mean());
  for (int y = 0; y < 8; ++y) EXPECT_EQ(row(used, y, 8), row(fresh, y, 8));
}

TEST(BiasField, NeedsAPixelInside) {
  BiasField field;
  EXPECT_ERROR(errc::decode, "no pixel is inside",
               field.estimate(cv::Mat(4, 4, CV_8UC1, cv::Scalar(1)), cv::Mat::zeros(4, 4, CV_8UC1), 2));
}

TEST(BiasField, NeedsNumbers) {
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    BiasField field;
    EXPECT_ERROR(errc::decode, "infinite or not numbers", field.estimate(row_of({1, value, 3}), {}, 2));
  }
}

TEST(BiasField, TakesNoOtherTypes) {
  BiasField field;
  EXPECT_ERROR(errc::decode, "it takes 8 bit, 16 bit and float",
               field.estimate(cv::Mat(4, 4, CV_16SC1, cv::Scalar(1)), {}, 2));
}

}  // namespace
}  // namespace conveyor::vision
