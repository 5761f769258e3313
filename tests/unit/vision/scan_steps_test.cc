#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <string>

#include "conveyor/vision/steps.h"
#include "unit/vision/expect_error.h"

// What reference_test.cc, which compares numbers with NumPy's, does not say of the steps for scans.

namespace conveyor::vision {
namespace {

const Sample& run(const StepPtr& step, const Sample& in, Scratch& scratch) {
  return PreprocessChain({step}).run(in, scratch);
}

/// A bright rectangle of 300 on a ground of 10.
cv::Mat scan(cv::Size size, const cv::Rect& bright, int type = CV_16UC1) {
  cv::Mat pixels(size, type, cv::Scalar(10));
  pixels(bright).setTo(300);
  return pixels;
}
cv::Mat mask_of(cv::Size size, const cv::Rect& inside) {
  cv::Mat mask(size, CV_8UC1, cv::Scalar(0));
  mask(inside).setTo(1);  // anything but 0 is inside
  return mask;
}

TEST(MaskStep, FindsTheBrightThingWithItsHolesAndNothingElse) {
  cv::Mat pixels = scan({40, 30}, {8, 6, 20, 15});
  pixels(cv::Rect(12, 10, 6, 6)).setTo(5);  // a hole, too wide to be closed
  pixels(cv::Rect(34, 24, 4, 4)).setTo(900);
  Scratch scratch;
  const Sample& out = run(mask(), {.pixels = pixels}, scratch);
  EXPECT_EQ(cv::countNonZero(out.mask != (mask_of({40, 30}, {8, 6, 20, 15}) != 0)), 0);
  EXPECT_EQ(cv::norm(out.pixels, pixels, cv::NORM_INF), 0);
  EXPECT_EQ(out.pixels.type(), CV_16UC1);
}

TEST(MaskStep, ClosesGapsUpToItsSide) {
  cv::Mat pixels = scan({40, 30}, {8, 6, 20, 15});
  pixels(cv::Rect(15, 6, 4, 15)).setTo(10);  // parts it in two, 4 pixels apart
  Scratch scratch;
  EXPECT_EQ(cv::countNonZero(run(mask(1), {.pixels = pixels}, scratch).mask), 9 * 15);
  EXPECT_EQ(cv::countNonZero(run(mask(2), {.pixels = pixels}, scratch).mask), 20 * 15);
}

TEST(MaskStep, StaysWithinTheMaskThereWas) {
  const cv::Rect left(0, 0, 20, 30);
  const Sample in{.pixels = scan({40, 30}, {8, 6, 20, 15}), .mask = mask_of({40, 30}, left)};
  Scratch scratch;
  const cv::Mat expected = mask_of({40, 30}, left & cv::Rect(8, 6, 20, 15));
  EXPECT_EQ(cv::countNonZero((run(mask(), in, scratch).mask != 0) != (expected != 0)), 0);
}

TEST(MaskStep, RefusesWhatHasNothingInIt) {
  Scratch scratch;
  EXPECT_ERROR(errc::decode, "step mask cannot work on 8 x 9, 1 channel, 16 bit: all pixels inside have the same value",
               run(mask(), {.pixels = cv::Mat(9, 8, CV_16UC1, cv::Scalar(7))}, scratch));
  EXPECT_ERROR(errc::decode, "same value", run(mask(), {.pixels = cv::Mat(9, 8, CV_32FC1, cv::Scalar(-1))}, scratch));
}

TEST(ScanSteps, RefuseAMaskWithNothingInside) {
  const Sample in{.pixels = scan({8, 8}, {2, 2, 4, 4}), .mask = cv::Mat(8, 8, CV_8UC1, cv::Scalar(0))};
  Scratch scratch;
  for (const StepPtr& step : {mask(), bias(), clip(1, 99), zscore(), crop()}) {
    for (const int depth : {CV_8U, CV_16U, CV_32F}) {
      Sample one = in;
      in.pixels.convertTo(one.pixels, depth);
      EXPECT_ERROR(errc::decode, "step " + step->text() + " cannot work on", run(step, one, scratch));
      EXPECT_ERROR(errc::decode, "the mask is empty: no pixel is inside", run(step, one, scratch));
    }
  }
}

TEST(ScanSteps, RefuseFloatsThatAreNoNumbersInside) {
  Scratch scratch;
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    Sample in{.pixels = scan({8, 8}, {2, 2, 4, 4}, CV_32FC1)};
    in.pixels.at<float>(1, 6) = bad;
    for (const StepPtr& step : {mask(), bias(), clip(1, 99), zscore()}) {
      EXPECT_ERROR(errc::decode, "infinite or not numbers", run(step, in, scratch));
    }
    in.mask = mask_of({8, 8}, {0, 0, 6, 8});
    for (const StepPtr& step : {mask(), bias(), clip(1, 99), zscore()}) {
      EXPECT_NO_THROW(run(step, in, scratch)) << step->text();
    }
  }
}

TEST(ScanSteps, SayWhichPixelsTheyTake) {
  Scratch scratch;
  for (const StepPtr& step : {mask(), bias(), clip(1, 99), zscore()}) {
    EXPECT_ERROR(errc::decode, "it takes 1 channel; put color(gray) before it",
                 run(step, {.pixels = cv::Mat(4, 4, CV_8UC3, cv::Scalar::all(1))}, scratch));
    EXPECT_ERROR(errc::decode, "it takes 8 bit, 16 bit and float",
                 run(step, {.pixels = cv::Mat(4, 4, CV_64FC1, cv::Scalar(1))}, scratch));
  }
  EXPECT_ERROR(errc::decode, "it takes 8 bit, 16 bit and float",
               run(median(3), {.pixels = cv::Mat(4, 4, CV_32SC1, cv::Scalar(1))}, scratch));
  EXPECT_ERROR(errc::decode, "it has numbers for 3 channels",
               run(normalize({1, 2, 3}, {1, 2, 3}), {.pixels = cv::Mat(4, 4, CV_8UC1, cv::Scalar(1))}, scratch));
}

TEST(BiasStep, FlattensASlope) {
  cv::Mat pixels(64, 64, CV_32FC1);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) pixels.at<float>(y, x) = 100.0F * (1 + 0.01F * static_cast<float>(x));
  }
  Scratch scratch;
  const Sample& out = run(bias(0.1), {.pixels = pixels}, scratch);
  double least = 0, greatest = 0;
  cv::minMaxLoc(out.pixels(cv::Rect(16, 0, 32, 64)), &least, &greatest);
  EXPECT_LT(greatest / least, 1.02) << "it was 1.27";
  EXPECT_NEAR(cv::mean(out.pixels)[0], cv::mean(pixels)[0], 1e-3);
}

TEST(BiasStep, LeavesWhatIsOutsideAlone) {
  const Sample in{.pixels = scan({40, 30}, {8, 6, 20, 15}), .mask = mask_of({40, 30}, {8, 6, 20, 15})};
  Scratch scratch;
  const Sample& out = run(bias(), in, scratch);
  EXPECT_EQ(out.pixels.at<float>(0, 0), 10);
  EXPECT_NEAR(out.pixels.at<float>(10, 10), 300, 1e-3) << "nothing to flatten";
}

TEST(BiasStep, RefusesValuesThatAreNotAboveZero) {
  Scratch scratch;
  EXPECT_ERROR(errc::decode, "step bias cannot work on 8 x 8, 1 channel, 16 bit: the mean inside is 0",
               run(bias(), {.pixels = cv::Mat(8, 8, CV_16UC1, cv::Scalar(0))}, scratch));
  EXPECT_ERROR(errc::decode, "the mean inside is -5",
               run(bias(), {.pixels = cv::Mat(8, 8, CV_32FC1, cv::Scalar(-5))}, scratch));
}

TEST(ZScoreStep, MakesNothingOfAConstant) {
  Scratch scratch;
  for (const int type : {CV_8UC1, CV_16UC1, CV_32FC1}) {
    const Sample& out = run(zscore(), {.pixels = cv::Mat(31, 17, type, cv::Scalar(0.7))}, scratch);
    EXPECT_EQ(cv::countNonZero(out.pixels), 0);
  }
}

TEST(ZScoreStep, StaysFiniteForTheSmallestDifferences) {
  cv::Mat pixels(8, 8, CV_32FC1, cv::Scalar(0));
  pixels.at<float>(3, 3) = std::numeric_limits<float>::denorm_min();
  Scratch scratch;
  EXPECT_NEAR(run(zscore(), {.pixels = pixels}, scratch).pixels.at<float>(3, 3), std::sqrt(63), 1e-5);
}

TEST(CropStep, BoxesReturnToTheSource) {
  const cv::Rect bright(50, 20, 60, 41);
  Scratch scratch;
  const PreprocessChain chain{mask(), crop(3), resize(33, 47)};
  const Sample& out = chain.run({.pixels = scan({200, 100}, bright)}, scratch);
  const Box all{0, 0, 33, 47};
  const Box back = to_source(all, out);
  EXPECT_NEAR(back.x, 47, 1e-3);
  EXPECT_NEAR(back.y, 17, 1e-3);
  EXPECT_NEAR(back.width, 66, 1e-3);
  EXPECT_NEAR(back.height, 47, 1e-3);
}

TEST(CropStep, TakesAllWithoutAMask) {
  const cv::Mat pixels = scan({9, 7}, {2, 2, 3, 3});
  Scratch scratch;
  const Sample& out = run(crop(5), {.pixels = pixels}, scratch);
  EXPECT_EQ(cv::norm(out.pixels, pixels, cv::NORM_INF), 0);
  EXPECT_TRUE(out.mask.empty());
}

TEST(CropStep, UsesItsMemoryAgainForImagesOfManySizes) {
  Scratch scratch;
  const PreprocessChain chain{crop()};
  const unsigned char* data = nullptr;
  for (const cv::Rect inside : {cv::Rect(5, 5, 2, 2), cv::Rect(0, 0, 40, 30), cv::Rect(7, 1, 1, 20)}) {
    const Sample in{.pixels = scan({40, 30}, inside), .mask = mask_of({40, 30}, inside)};
    const Sample& out = chain.run(in, scratch);
    EXPECT_EQ(out.pixels.size(), inside.size());
    EXPECT_EQ(cv::countNonZero(out.pixels != 300), 0);
    EXPECT_TRUE(data == nullptr || data == out.pixels.data);
    data = out.pixels.data;
  }
}

TEST(ScanSteps, RefuseImpossibleArguments) {
  EXPECT_ERROR(errc::invalid_config, "step mask: its radius must be from 0 to 64, not 65", (void)mask(65));
  EXPECT_ERROR(errc::invalid_config, "step bias: its part must be from 0.05 to 1, not 0", (void)bias(0));
  EXPECT_ERROR(errc::invalid_config, "step bias: its part must be", (void)bias(std::nan("")));
  EXPECT_ERROR(errc::invalid_config, "step clip: its low percentile must be from 0 to 100, not -1", (void)clip(-1, 99));
  EXPECT_ERROR(errc::invalid_config, "step clip: its high percentile must be from 0 to 100, not 101",
               (void)clip(1, 101));
  EXPECT_ERROR(errc::invalid_config, "its low percentile, 50, is not below its high one, 50", (void)clip(50, 50));
  EXPECT_ERROR(errc::invalid_config, "step median: its size must be 3 or 5, not 4", (void)median(4));
  EXPECT_ERROR(errc::invalid_config, "step crop: its margin must be from 0 to 32768, not -1", (void)crop(-1));
  EXPECT_ERROR(errc::invalid_config, "its deviation must be above 0, not 0", (void)normalize(1, 0));
  EXPECT_ERROR(errc::invalid_config, "finite", (void)normalize({1, 2, std::nan("")}, {1, 1, 1}));
}

}  // namespace
}  // namespace conveyor::vision
