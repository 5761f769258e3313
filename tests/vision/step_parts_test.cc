#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <opencv2/core.hpp>
#include <random>
#include <string>
#include <vector>

#include "vision/expect_error.h"
#include "vision/image/buffers.h"
#include "vision/image/closing.h"
#include "vision/image/connected_components.h"
#include "vision/image/histogram.h"
#include "vision/image/mask_runs.h"
#include "vision/image/moments.h"
#include "vision/image/percentiles.h"

// What steps are made of, against definitions that are slow and plain, on random images.

namespace conveyor::vision {
namespace {

class RandomImages : public ::testing::Test {
 protected:
  int number(int least, int greatest) { return std::uniform_int_distribution(least, greatest)(random_); }

  cv::Mat binary(cv::Size size) {
    cv::Mat mask(size, CV_8UC1);
    const int share = number(0, 100);
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) mask.at<unsigned char>(y, x) = number(1, 100) <= share ? 255 : 0;
    }
    return mask;
  }
  cv::Size size() { return {number(1, 40), number(1, 40)}; }

  const unsigned seed_ = std::random_device()();
  const ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
};

bool set(const cv::Mat& mask, int y, int x) {
  return y >= 0 && x >= 0 && y < mask.rows && x < mask.cols && mask.at<unsigned char>(y, x) != 0;
}

TEST_F(RandomImages, RunsAreWhatIsInside) {
  for (int round = 0; round < 200; ++round) {
    const cv::Mat mask = binary(size());
    cv::Mat seen(mask.size(), CV_8UC1, cv::Scalar(0));
    int last_y = -1, last_end = 0;
    for_each_run(mask.size(), mask, [&](int y, int begin, int end) {
      EXPECT_LT(begin, end);
      EXPECT_TRUE(y > last_y || begin > last_end) << "two runs touch";
      last_y = y, last_end = end;
      for (int x = begin; x < end; ++x) seen.at<unsigned char>(y, x) = 255;
    });
    ASSERT_EQ(cv::countNonZero(seen != mask), 0);
  }
}

/// Is every square of the side that holds the pixel, on a plane empty beyond the image, touching the mask?
bool in_closing(const cv::Mat& mask, int y, int x, int radius) {
  for (int cy = y - radius; cy <= y + radius; ++cy) {
    for (int cx = x - radius; cx <= x + radius; ++cx) {
      bool touches = false;
      for (int v = cy - radius; v <= cy + radius; ++v) {
        for (int u = cx - radius; u <= cx + radius; ++u) touches = touches || set(mask, v, u);
      }
      if (!touches) return false;
    }
  }
  return true;
}

TEST_F(RandomImages, ClosingFillsWhatNoSquareFitsInto) {
  for (int round = 0; round < 40; ++round) {
    const cv::Mat mask = binary({number(1, 15), number(1, 15)});
    const int radius = number(0, 3);
    cv::Mat closed = mask.clone();
    close(closed, radius);
    for (int y = 0; y < mask.rows; ++y) {
      for (int x = 0; x < mask.cols; ++x) {
        ASSERT_EQ(closed.at<unsigned char>(y, x), in_closing(mask, y, x, radius) ? 255 : 0) << radius;
      }
    }
  }
}

/// Everything of the mask's kind that is reached from the pixel, by sides or by corners too.
std::vector<cv::Point> flood(const cv::Mat& mask, cv::Point from, bool corners, cv::Mat& visited) {
  const bool kind = set(mask, from.y, from.x);
  std::vector<cv::Point> reached{from};
  visited.at<unsigned char>(from) = 1;
  for (std::size_t next = 0; next < reached.size(); ++next) {
    const cv::Point at = reached[next];
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) {
        const cv::Point to(at.x + dx, at.y + dy);
        if ((!corners && dx != 0 && dy != 0) || !cv::Rect({}, mask.size()).contains(to)) continue;
        if (visited.at<unsigned char>(to) != 0 || set(mask, to.y, to.x) != kind) continue;
        visited.at<unsigned char>(to) = 1;
        reached.push_back(to);
      }
    }
  }
  return reached;
}

cv::Mat largest_by_flooding(const cv::Mat& mask) {
  cv::Mat visited(mask.size(), CV_8UC1, cv::Scalar(0)), kept(mask.size(), CV_8UC1, cv::Scalar(0));
  std::vector<cv::Point> largest;
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      if (!set(mask, y, x) || visited.at<unsigned char>(y, x) != 0) continue;
      if (auto reached = flood(mask, {x, y}, true, visited); reached.size() > largest.size()) largest = reached;
    }
  }
  if (largest.empty()) return kept;
  for (const cv::Point at : largest) kept.at<unsigned char>(at) = 255;
  visited.setTo(0);
  cv::Mat filled = kept.clone();
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      if (set(kept, y, x) || visited.at<unsigned char>(y, x) != 0) continue;
      const auto reached = flood(kept, {x, y}, false, visited);
      const bool hole = std::none_of(reached.begin(), reached.end(), [&](cv::Point at) {
        return at.x == 0 || at.y == 0 || at.x == mask.cols - 1 || at.y == mask.rows - 1;
      });
      for (const cv::Point at : reached) filled.at<unsigned char>(at) = hole ? 255 : 0;
    }
  }
  return filled;
}

TEST_F(RandomImages, TheLargestComponentIsThatOfFlooding) {
  for (int round = 0; round < 300; ++round) {
    cv::Mat mask = binary(size());
    const cv::Mat expected = largest_by_flooding(mask);
    keep_largest_component(mask);
    ASSERT_EQ(cv::countNonZero(mask != expected), 0) << "round " << round;
  }
}

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

TEST_F(RandomImages, OtsuPartsWhereTheClassesDifferMost) {
  for (int round = 0; round < 100; ++round) {
    std::vector<std::uint16_t> keys;
    for (int i = number(2, 300); i > 0; --i) keys.push_back(static_cast<std::uint16_t>(number(0, 60) * 900));
    if (*std::min_element(keys.begin(), keys.end()) == *std::max_element(keys.begin(), keys.end())) continue;
    Histogram histogram;
    histogram.add(keys.data(), keys.data() + keys.size(), [](std::uint16_t key) { return key; });
    const auto between = [&](int threshold) {
      double n[2] = {}, sum[2] = {};
      for (const std::uint16_t key : keys) n[key > threshold] += 1, sum[key > threshold] += key;
      if (n[0] == 0 || n[1] == 0) return 0.0;
      return n[0] * n[1] * std::pow(sum[0] / n[0] - sum[1] / n[1], 2);
    };
    double best = 0;
    for (int threshold = 0; threshold < 60 * 900; threshold += 900) best = std::max(best, between(threshold));
    ASSERT_NEAR(between(histogram.otsu()), best, best * 1e-12);
  }
}

TEST(Histogram, ForgetsWhatWasAdded) {
  Histogram histogram;
  const auto same = [](std::uint16_t key) { return key; };
  for (const std::uint16_t key : {65535, 0, 7}) {
    histogram.clear();
    histogram.add(&key, &key + 1, same);
    EXPECT_EQ(histogram.total(), 1U);
    EXPECT_EQ(histogram.at_rank(0).key, key);
    EXPECT_EQ(histogram.lowest(), histogram.highest());
  }
}

TEST(Moments, HaveNoDeviationWhereNothingDiffers) {
  const Moments moments = moments_inside(cv::Mat(101, 103, CV_32FC1, cv::Scalar(0.1)), {});
  EXPECT_EQ(moments.deviation, 0);
  EXPECT_EQ(static_cast<float>(moments.mean), 0.1F);
}

TEST(Fit, UsesTheMemoryThereIs) {
  cv::Mat mat;
  fit(mat, {100, 50}, CV_16UC1);
  const unsigned char* data = mat.data;
  for (const cv::Size size : {cv::Size(10, 50), cv::Size(100, 3), cv::Size(1, 1), cv::Size(100, 50)}) {
    fit(mat, size, CV_16UC1);
    EXPECT_EQ(mat.size(), size);
    EXPECT_EQ(mat.data, data);
  }
  fit(mat, {100, 50}, CV_32FC1);
  EXPECT_EQ(mat.type(), CV_32FC1);
}

TEST(Fit, SettlesWhereSizesTakeTurns) {
  cv::Mat mat;
  fit(mat, {100, 60}, CV_8UC1);
  fit(mat, {60, 100}, CV_8UC1);
  const unsigned char* data = mat.data;
  fit(mat, {100, 60}, CV_8UC1);
  EXPECT_EQ(mat.data, data);
}

TEST(Fit, TakesNoSquareForALongAndATallImage) {
  cv::Mat mat;
  fit(mat, {30000, 1}, CV_8UC1);
  fit(mat, {1, 30000}, CV_8UC1);
  EXPECT_TRUE(mat.isContinuous());
}

}  // namespace
}  // namespace conveyor::vision
