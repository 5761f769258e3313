#include "vision/image/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "unit/vision/random_images.h"

namespace conveyor::vision {
namespace {

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

}  // namespace
}  // namespace conveyor::vision
