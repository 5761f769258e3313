#ifndef CONVEYOR_TESTS_UNIT_VISION_RANDOM_IMAGES_H_
#define CONVEYOR_TESTS_UNIT_VISION_RANDOM_IMAGES_H_

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <random>
#include <string>

namespace conveyor::vision {

/// Random images, on which parts of steps are compared with definitions that are slow and plain.
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

/// Whether the pixel lies in the mask and is not 0.
inline bool set(const cv::Mat& mask, int y, int x) {
  return y >= 0 && x >= 0 && y < mask.rows && x < mask.cols && mask.at<unsigned char>(y, x) != 0;
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_TESTS_UNIT_VISION_RANDOM_IMAGES_H_
