#ifndef CONVEYOR_SRC_DICOM_PIXELS_H_
#define CONVEYOR_SRC_DICOM_PIXELS_H_

#include <opencv2/core/mat.hpp>

#include "dicom/header.h"

namespace conveyor::dicom {

/// The samples of one frame as they were stored, unpacked: height x width, CV_8U or CV_16U by what is allocated (1 bit:
/// 8), interleaved. Bits that are not stored may have any value.
/// @param ybr becomes whether the three samples are luminance and chrominances
/// @throws DecodeError when the pixel data is corrupt or has too few bytes
void read_samples(const Header& header, int frame, cv::Mat& into, bool& ybr);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_PIXELS_H_
