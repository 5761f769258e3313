#include "vision/image/moments.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

namespace conveyor::vision {
namespace {

TEST(Moments, HaveNoDeviationWhereNothingDiffers) {
  const Moments moments = moments_inside(cv::Mat(101, 103, CV_32FC1, cv::Scalar(0.1)), {});
  EXPECT_EQ(moments.deviation, 0);
  EXPECT_EQ(static_cast<float>(moments.mean), 0.1F);
}

}  // namespace
}  // namespace conveyor::vision
