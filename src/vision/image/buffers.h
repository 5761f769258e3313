#ifndef CONVEYOR_SRC_VISION_IMAGE_BUFFERS_H_
#define CONVEYOR_SRC_VISION_IMAGE_BUFFERS_H_

#include <opencv2/core/mat.hpp>

// Memory that steps reuse from image to image.

namespace conveyor::vision {

/// As mat.create(size, type), but reuses the memory of `mat` where the size fits into it, so that images of varying
/// size stop allocating once the largest was seen. Rows may then be padded. The content is unspecified.
void fit(cv::Mat& mat, cv::Size size, int type);

/// Makes `to` a copy of `from`, in the memory of `to` where that is large enough.
void copy(const cv::Mat& from, cv::Mat& to);

/// Sets every channel of every pixel to `value`, rounded and limited to what the type holds. Unlike cv::Mat::setTo, it
/// does not allocate.
/// @param mat CV_8U, CV_16U, CV_16S or CV_32F
/// @throws DecodeError for another depth
void fill(cv::Mat& mat, double value);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_BUFFERS_H_
