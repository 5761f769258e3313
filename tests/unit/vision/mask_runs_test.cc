#include "vision/image/mask_runs.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "unit/vision/random_images.h"

namespace conveyor::vision {
namespace {

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

}  // namespace
}  // namespace conveyor::vision
