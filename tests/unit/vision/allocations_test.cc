#include "support/allocations.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <new>
#include <opencv2/core.hpp>
#include <vector>

#include "conveyor/vision/steps.h"

namespace conveyor::vision {
namespace {

using tests::allocations_of_all_threads;

/// A bright ellipse on a dark ground, with noise, another one for each number.
cv::Mat slice(int number) {
  cv::Mat noise(256, 256, CV_32F);
  cv::RNG random(static_cast<std::uint64_t>(number) + 1);
  random.fill(noise, cv::RNG::NORMAL, 0, 30);
  const double a = 60 + number % 7 * 8, b = 50 + number % 5 * 9;
  for (int y = 0; y < noise.rows; ++y) {
    for (int x = 0; x < noise.cols; ++x) {
      const double u = (x - 120 - number % 3 * 5) / a, v = (y - 130) / b;
      float& pixel = noise.at<float>(y, x);
      pixel = std::abs(pixel + (u * u + v * v < 1 ? 180.0F : 20.0F));
    }
  }
  return noise;
}

/// How often memory is taken for ten images once ten others have been through the chain.
long allocations_when_warm(const char* text, int type) {
  static const std::vector<cv::Mat> slices = [] {
    std::vector<cv::Mat> all;
    for (int number = 0; number < 20; ++number) all.push_back(slice(number));
    return all;
  }();
  std::vector<Sample> samples(slices.size());
  for (std::size_t i = 0; i < slices.size(); ++i) slices[i].convertTo(samples[i].pixels, type);
  const PreprocessChain chain = built_in_steps().parse(text);
  Scratch scratch;
  for (std::size_t i = 0; i < 10; ++i) chain.run(samples[i], scratch);
  const long before = allocations_of_all_threads();
  for (std::size_t i = 10; i < 20; ++i) chain.run(samples[i], scratch);
  return allocations_of_all_threads() - before;
}

TEST(Allocations, AreCounted) {
  const long before = allocations_of_all_threads();
  ::operator delete(::operator new(100));
  EXPECT_EQ(allocations_of_all_threads() - before, 1);
  cv::Mat(100, 100, CV_8UC1, cv::Scalar(1));
  EXPECT_GE(allocations_of_all_threads() - before, 2);
}

TEST(Allocations, DoNotHappenInTheWholeChainOfAScan) {
  constexpr const char* kChain = "rescale|mask|bias|clip(1,99)|zscore|crop|resize(64,64)";
  EXPECT_EQ(allocations_when_warm(kChain, CV_16U), 0);
  EXPECT_EQ(allocations_when_warm(kChain, CV_8U), 0);
}

TEST(Allocations, DoNotHappenInAnyStepWithNumbers) {
  for (const int type : {CV_8U, CV_16U, CV_32F}) {
    for (const char* text :
         {"rescale(2,1)", "mask", "mask(0)", "mask(9)", "bias", "bias(0.05)", "clip(1,99)", "zscore", "normalize(3,4)",
          "median(3)", "median(5)", "mask|crop(5)", "resize(31,200)", "resize(300,400)", "letterbox(100,200,7)",
          "mask|crop|letterbox(320,240)|mask(1)|crop(4)|median(3)|zscore|resize(600,20)"}) {
      EXPECT_EQ(allocations_when_warm(text, type), 0) << text << " on pixels of type " << type;
    }
  }
}

}  // namespace
}  // namespace conveyor::vision
