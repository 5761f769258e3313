#include "vision/image/resample.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

cv::Mat resampled(const cv::Mat& from, cv::Size size) {
  cv::Mat to(size, from.type(), cv::Scalar::all(77));
  resample(from, to);
  return to;
}

/// One row of one channel.
template <class T>
cv::Mat row_of(const std::vector<T>& values) {
  return cv::Mat(values, true).reshape(1, 1);
}

/// All samples, row by row.
template <class T>
std::vector<T> samples_of(const cv::Mat& pixels) {
  std::vector<T> samples;
  for (int y = 0; y < pixels.rows; ++y) {
    const T* row = pixels.ptr<T>(y);
    samples.insert(samples.end(), row, row + pixels.cols * pixels.channels());
  }
  return samples;
}

void expect_near(const cv::Mat& pixels, const std::vector<double>& expected) {
  const auto samples = samples_of<float>(pixels);
  ASSERT_EQ(samples.size(), expected.size());
  for (std::size_t i = 0; i < samples.size(); ++i) EXPECT_NEAR(samples[i], expected[i], 1e-5) << "at " << i;
}

using Bytes = std::vector<std::uint8_t>;
using Words = std::vector<std::uint16_t>;
using Floats = std::vector<float>;

TEST(Resample, ToTheSameSizeCopies) {
  const cv::Mat from = row_of<std::uint8_t>({1, 2, 3});
  cv::Mat to(1, 3, CV_8UC1);
  const unsigned char* const memory = to.data;
  resample(from, to);
  EXPECT_EQ(samples_of<std::uint8_t>(to), (Bytes{1, 2, 3}));
  EXPECT_EQ(to.data, memory);
}

TEST(Resample, ASmallerPictureHasTheMeanOfTheAreaOfEachPixel) {
  const cv::Mat from = row_of<std::uint8_t>({0, 4, 8, 12, 4, 8, 12, 16}).reshape(1, 2);
  EXPECT_EQ(samples_of<std::uint8_t>(resampled(from, {2, 1})), (Bytes{4, 12}));
  EXPECT_EQ(samples_of<std::uint8_t>(resampled(from, {1, 1})), (Bytes{8}));
}

TEST(Resample, AreasCutPixelsInParts) {
  expect_near(resampled(row_of<float>({0, 3, 6}), {2, 1}), {1, 5});
  expect_near(resampled(row_of<float>({0, 3, 6}).reshape(1, 3), {1, 2}), {1, 5});
}

TEST(Resample, ALargerPictureIsInterpolatedBetweenTheCentresOfPixels) {
  expect_near(resampled(row_of<float>({0, 8}), {4, 1}), {0, 2, 6, 8});
  expect_near(resampled(row_of<float>({0, 8}).reshape(1, 2), {1, 4}), {0, 2, 6, 8});
}

TEST(Resample, OfOnePixelIsThatPixelEverywhere) {
  expect_near(resampled(row_of<float>({5}), {3, 2}), {5, 5, 5, 5, 5, 5});
}

TEST(Resample, ASideThatShrinksIsInterpolatedWhereTheOtherGrows) {
  // The middle row is where the only centre falls; the mean would be 2.
  const cv::Mat from = row_of<float>({0, 0, 6, 6, 0, 0}).reshape(1, 3);
  expect_near(resampled(from, {3, 1}), {6, 6, 6});
}

TEST(Resample, KeepsNothingOfTheSidesBefore) {
  const cv::Mat from = row_of<float>({0, 6, 0});
  for (int i = 0; i < 2; ++i) {
    expect_near(resampled(from, {1, 1}), {2});     // the mean
    expect_near(resampled(from, {1, 2}), {6, 6});  // the same width, but interpolated
  }
}

TEST(Resample, RoundsToTheNearestLevel) {
  EXPECT_EQ(samples_of<std::uint8_t>(resampled(row_of<std::uint8_t>({0, 0, 1}), {1, 1})), Bytes{0});
  EXPECT_EQ(samples_of<std::uint8_t>(resampled(row_of<std::uint8_t>({0, 1, 1}), {1, 1})), Bytes{1});
  EXPECT_EQ(samples_of<std::uint16_t>(resampled(row_of<std::uint16_t>({65535, 65534, 65535}), {1, 1})), Words{65535});
  EXPECT_EQ(samples_of<std::int16_t>(resampled(row_of<std::int16_t>({-3, -3, -4}), {1, 1})),
            std::vector<std::int16_t>{-3});
}

TEST(Resample, WhatIsOneValueStaysThatValue) {
  for (const int channels : {1, 3, 4}) {
    for (const cv::Size size : {cv::Size(3, 2), cv::Size(5, 4), cv::Size(19, 23), cv::Size(1, 1), cv::Size(3, 20)}) {
      const auto range = [&](int depth, double value) {
        const cv::Mat from(11, 7, CV_MAKETYPE(depth, channels), cv::Scalar::all(value));
        const cv::Mat to = resampled(from, size);
        double least = 0, greatest = 0;
        cv::minMaxIdx(to.reshape(1), &least, &greatest);
        EXPECT_NEAR(least, value, 1e-4) << channels << " channels, depth " << depth << ", " << size;
        EXPECT_NEAR(greatest, value, 1e-4) << channels << " channels, depth " << depth << ", " << size;
      };
      range(CV_8U, 255);
      range(CV_16U, 65535);
      range(CV_16S, -32768);
      range(CV_32F, 1.5);
    }
  }
}

TEST(Resample, KeepsChannelsApart) {
  const cv::Mat from = row_of<std::uint16_t>({0, 10, 20, 8, 30, 40}).reshape(3, 1);
  EXPECT_EQ(samples_of<std::uint16_t>(resampled(from, {1, 1})), (Words{4, 20, 30}));
  const cv::Mat floats = row_of<float>({0, 100, 8, 900}).reshape(2, 1);
  expect_near(resampled(floats, {4, 1}), {0, 100, 2, 300, 6, 700, 8, 900});
}

TEST(Resample, FillsAPartOfALargerPicture) {
  for (const int type : {CV_16UC1, CV_8UC3}) {
    cv::Mat whole(4, 5, type, cv::Scalar::all(7));
    cv::Mat part = whole(cv::Rect(1, 1, 3, 2));
    resample(cv::Mat(8, 9, type, cv::Scalar::all(200)), part);
    EXPECT_EQ(part.datastart, whole.datastart);
    cv::Mat expected(4, 5, type, cv::Scalar::all(7));
    expected(cv::Rect(1, 1, 3, 2)).setTo(cv::Scalar::all(200));
    EXPECT_EQ(cv::norm(whole, expected, cv::NORM_INF), 0);
  }
}

TEST(Resample, TakesPartsOfALargerPicture) {
  cv::Mat whole(4, 5, CV_16UC1, cv::Scalar(9999));
  whole(cv::Rect(1, 1, 2, 2)).setTo(10);
  EXPECT_EQ(samples_of<std::uint16_t>(resampled(whole(cv::Rect(1, 1, 2, 2)), {3, 3})), Words(9, 10));
}

TEST(Resample, TakesNoOtherTypes) {
  for (const int type : {CV_32SC1, CV_64FC1, CV_8SC1}) {
    EXPECT_ERROR(errc::decode, "it takes 8 bit, 16 bit and float", resampled(cv::Mat::zeros(2, 2, type), {1, 1}));
  }
}

Bytes resampled_mask(const cv::Mat& from, cv::Size size) {
  cv::Mat to(size, CV_8UC1, cv::Scalar(77));
  resample_mask(from, to);
  return samples_of<std::uint8_t>(to);
}

TEST(ResampleMask, TakesThePixelThatContainsTheCentre) {
  EXPECT_EQ(resampled_mask(row_of<std::uint8_t>({0, 255, 0}), {1, 1}), Bytes{255});
  EXPECT_EQ(resampled_mask(row_of<std::uint8_t>({1, 2, 3, 4}), {2, 1}), (Bytes{2, 4}));
  EXPECT_EQ(resampled_mask(row_of<std::uint8_t>({1, 2, 3, 4}).reshape(1, 4), {1, 2}), (Bytes{2, 4}));
}

TEST(ResampleMask, GrowsByRepeatingPixels) {
  const cv::Mat from = row_of<std::uint8_t>({0, 255, 255, 0}).reshape(1, 2);
  EXPECT_EQ(resampled_mask(from, {4, 4}), (Bytes{0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 0, 0, 255, 255, 0, 0}));
}

TEST(ResampleMask, ToTheSameSizeCopies) {
  EXPECT_EQ(resampled_mask(row_of<std::uint8_t>({0, 255, 7}), {3, 1}), (Bytes{0, 255, 7}));
}

TEST(ResampleMask, HasNoValuesBetween) {
  cv::Mat from(13, 17, CV_8UC1, cv::Scalar(0));
  from(cv::Rect(3, 2, 8, 7)).setTo(255);
  for (const cv::Size size : {cv::Size(5, 5), cv::Size(40, 31), cv::Size(17, 3)}) {
    for (const std::uint8_t value : resampled_mask(from, size)) ASSERT_TRUE(value == 0 || value == 255) << size;
  }
}

TEST(ResampleMask, FillsAPartOfALargerMask) {
  cv::Mat whole(3, 4, CV_8UC1, cv::Scalar(7));
  cv::Mat part = whole(cv::Rect(1, 1, 2, 1));
  resample_mask(cv::Mat(2, 2, CV_8UC1, cv::Scalar(255)), part);
  EXPECT_EQ(samples_of<std::uint8_t>(whole), (Bytes{7, 7, 7, 7, 7, 255, 255, 7, 7, 7, 7, 7}));
}

}  // namespace
}  // namespace conveyor::vision
