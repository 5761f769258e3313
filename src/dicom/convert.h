#ifndef CONVEYOR_SRC_DICOM_CONVERT_H_
#define CONVEYOR_SRC_DICOM_CONVERT_H_

#include <opencv2/core/mat.hpp>

#include "conveyor/vision/image.h"
#include "dicom/header.h"

namespace conveyor::dicom {

/// Makes stored samples gray pixels, where they lie: see File::frame().
[[nodiscard]] vision::DecodedImage gray_of(const Header& header, const Rescale& rescale, cv::Mat& samples);

/// BGR of three samples a pixel. YBR becomes RGB by the formula of PS3.3, C.7.6.3.1.2.
void colors_of(bool ybr, const cv::Mat& samples, cv::Mat& into);

/// BGR, 8 or 16 bit as the palette has it, of indices. Values below the palette's first are that one, values above its
/// last are that.
void colors_of_palette(const Header& header, cv::Mat& indices, cv::Mat& into);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_CONVERT_H_
