#include "vision/image/connected_components.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <opencv2/core.hpp>
#include <vector>

#include "unit/vision/random_images.h"

namespace conveyor::vision {
namespace {

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

}  // namespace
}  // namespace conveyor::vision
