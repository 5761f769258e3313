#include "vision/image/morphological_closing.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "unit/vision/random_images.h"

namespace conveyor::vision {
namespace {

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

}  // namespace
}  // namespace conveyor::vision
