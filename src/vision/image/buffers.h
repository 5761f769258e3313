#ifndef CONVEYOR_SRC_VISION_IMAGE_BUFFERS_H_
#define CONVEYOR_SRC_VISION_IMAGE_BUFFERS_H_

#include <opencv2/core/mat.hpp>

// Memory that steps use again from image to image.

namespace conveyor::vision {

/// As mat.create(size, type), but a size that fits into the memory `mat` has becomes a part of it, so that images whose
/// size varies do not allocate once the largest was seen. Rows may then be padded. The content is unspecified.
void fit(cv::Mat& mat, cv::Size size, int type);

/// `to` becomes a copy of `from`, in the memory it has where that suffices.
void copy(const cv::Mat& from, cv::Mat& to);

/// Every channel of every pixel becomes `value`, rounded and limited to what the type holds. cv::Mat::setTo allocates.
/// @param mat CV_8U, CV_16U, CV_16S or CV_32F
/// @throws DecodeError for another depth
void fill(cv::Mat& mat, double value);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_BUFFERS_H_
