#ifndef CONVEYOR_SRC_DICOM_CONVERT_H_
#define CONVEYOR_SRC_DICOM_CONVERT_H_

#include <opencv2/core/mat.hpp>

#include "conveyor/vision/image.h"
#include "dicom/header.h"
#include "dicom/pixels.h"

namespace conveyor::dicom {

/// Gray pixels of stored samples: see File::frame(). By a modality's table they are made in `into`, else where they
/// lie.
[[nodiscard]] vision::DecodedImage gray_of(const Header& header, const SampleLayout& layout, const Modality& modality,
                                           cv::Mat& samples, cv::Mat& into);

/// BGR of three samples a pixel. YBR becomes RGB by the formula of PS3.3, C.7.6.3.1.2.
/// @throws DecodeError for YBR of more than 8 bits
void colors_of(const SampleLayout& layout, cv::Mat& samples, cv::Mat& into);

/// BGR, 8 or 16 bit as the palette has it, of indices.
void colors_of_palette(const Header& header, const SampleLayout& layout, const cv::Mat& indices, cv::Mat& into);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_CONVERT_H_
