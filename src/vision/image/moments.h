#ifndef CONVEYOR_SRC_VISION_IMAGE_MOMENTS_H_
#define CONVEYOR_SRC_VISION_IMAGE_MOMENTS_H_

#include <opencv2/core/mat.hpp>

namespace conveyor::vision {

struct Moments {
  double mean = 0;
  double deviation = 0;  ///< standard deviation over n; exactly 0 when all values are the same
};

/// Moments of the pixels inside the mask, computed in two passes and double precision.
///
/// @param pixels 1 channel, CV_8U, CV_16U or CV_32F
/// @throws DecodeError when no pixel is inside, or one that is, is not finite
[[nodiscard]] Moments moments_inside(const cv::Mat& pixels, const cv::Mat& mask);
[[nodiscard]] double mean_inside(const cv::Mat& pixels, const cv::Mat& mask);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_MOMENTS_H_
