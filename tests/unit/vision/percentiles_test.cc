#include "vision/image/percentiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "unit/vision/random_images.h"

namespace conveyor::vision {
namespace {

TEST_F(RandomImages, PercentilesAreThoseOfSorting) {
  for (int round = 0; round < 100; ++round) {
    const cv::Size size = this->size();
    cv::Mat pixels(size, round % 3 == 0 ? CV_8UC1 : round % 3 == 1 ? CV_16UC1 : CV_32FC1);
    // Floats of both signs, some equal, some that differ in their last bits.
    cv::theRNG().state = random_();
    cv::randu(pixels, round % 3 == 2 ? -3 : 0, round % 2 == 0 ? 4 : 60000);
    if (round % 3 == 2 && round % 2 == 0) pixels *= 1e-3;
    cv::Mat mask = binary(size);
    mask.at<unsigned char>(0, 0) = 255;
    std::vector<double> sorted;
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        if (!set(mask, y, x)) continue;
        sorted.push_back(pixels.depth() == CV_8U    ? pixels.at<std::uint8_t>(y, x)
                         : pixels.depth() == CV_16U ? pixels.at<std::uint16_t>(y, x)
                                                    : static_cast<double>(pixels.at<float>(y, x)));
      }
    }
    std::sort(sorted.begin(), sorted.end());
    const auto expected = [&](double percent) {
      const double at = static_cast<double>(sorted.size() - 1) * percent / 100;
      const auto below = static_cast<std::size_t>(at);
      const std::size_t above = std::min(below + 1, sorted.size() - 1);
      return sorted[below] + (sorted[above] - sorted[below]) * (at - static_cast<double>(below));
    };
    const double low = number(0, 50), high = number(51, 100);
    const Limits limits = percentiles(pixels, mask, low, high);
    ASSERT_NEAR(limits.low, expected(low), 1e-9);
    ASSERT_NEAR(limits.high, expected(high), 1e-9);
  }
}

}  // namespace
}  // namespace conveyor::vision
