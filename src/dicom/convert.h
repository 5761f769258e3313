#ifndef CONVEYOR_SRC_DICOM_CONVERT_H_
#define CONVEYOR_SRC_DICOM_CONVERT_H_

#include <opencv2/core/mat.hpp>

#include "conveyor/vision/image.h"
#include "dicom/header.h"
#include "dicom/pixels.h"

namespace conveyor::dicom {

/// Gray pixels of stored samples, as File::frame() describes. With a modality's table they are written to `into`,
/// otherwise in place.
[[nodiscard]] vision::DecodedImage gray_of(const Header& header, const SampleLayout& layout, const Modality& modality,
                                           cv::Mat& samples, cv::Mat& into);

/// BGR pixels of three samples each. YBR becomes RGB by the formula of PS3.3, C.7.6.3.1.2.
/// @throws DecodeError for YBR of more than 8 bits
void colors_of(const SampleLayout& layout, cv::Mat& samples, cv::Mat& into);

/// BGR pixels, 8 or 16 bit as the palette has them, of palette indices.
void colors_of_palette(const Header& header, const SampleLayout& layout, const cv::Mat& indices, cv::Mat& into);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_CONVERT_H_
