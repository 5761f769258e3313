#ifndef CONVEYOR_TESTS_UNIT_DICOM_ENCODE_H_
#define CONVEYOR_TESTS_UNIT_DICOM_ENCODE_H_

#include <opencv2/core/mat.hpp>
#include <string>

namespace conveyor::dicom {

/// A lossless JPEG-LS of 16 bit gray, which says that its samples have so many bits.
std::string encode_jpeg_ls(const cv::Mat& pixels, int bits);

/// A lossless JPEG 2000 of 16 bit gray, likewise; signed pixels are CV_16S.
std::string encode_jpeg2000(const cv::Mat& pixels, int bits);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_TESTS_UNIT_DICOM_ENCODE_H_
