#ifndef CONVEYOR_SRC_VISION_IMAGE_PERCENTILES_H_
#define CONVEYOR_SRC_VISION_IMAGE_PERCENTILES_H_

#include <opencv2/core/mat.hpp>

namespace conveyor::vision {

struct Limits {
  double low = 0;
  double high = 0;
};

/// Two percentiles, 0 to 100, of the pixels inside the mask, as numpy.percentile with method "linear" gives them.
///
/// It counts instead of sorting: 8 and 16 bit values directly; floats by their upper 16 bits, and then those few that
/// share the bits searched for. Temporary memory belongs to the calling thread.
///
/// @param pixels 1 channel, CV_8U, CV_16U or CV_32F
/// @throws DecodeError when no pixel is inside, or one that is, is not finite
[[nodiscard]] Limits percentiles(const cv::Mat& pixels, const cv::Mat& mask, double low, double high);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_PERCENTILES_H_
