#include "vision/image/buffers.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

namespace conveyor::vision {
namespace {

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
