#ifndef CONVEYOR_SRC_VISION_IMAGE_RESAMPLE_H_
#define CONVEYOR_SRC_VISION_IMAGE_RESAMPLE_H_

#include <opencv2/core/mat.hpp>

#include "conveyor/vision/steps.h"

namespace conveyor::vision {

/// Fills `to` with `from`, resized to the size of `to`. Interpolation::kArea: the mean of the area that becomes the
/// pixel when neither side grows. Interpolation::kLanczos: cv::resize with INTER_LANCZOS4. Otherwise linear interpolation
/// between pixel centres (beyond the first and the last centre: their values).
///
/// Gives what cv::resize gives with INTER_AREA and INTER_LINEAR, up to rounding, and does not allocate, but for colour
/// of 8 bit and for kLanczos. Temporary memory belongs to the calling thread.
///
/// @param from CV_8U, CV_16U, CV_16S or CV_32F, any number of channels
/// @param to of the same type, and of the size wanted; may be part of a larger image
/// @throws DecodeError for another depth
void resample(const cv::Mat& from, cv::Mat& to, Interpolation interpolation = Interpolation::kArea);

/// The same for masks: the nearest pixel's value.
void resample_mask(const cv::Mat& from, cv::Mat& to);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_RESAMPLE_H_
