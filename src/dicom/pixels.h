#ifndef CONVEYOR_SRC_DICOM_PIXELS_H_
#define CONVEYOR_SRC_DICOM_PIXELS_H_

#include <opencv2/core/mat.hpp>

#include "dicom/header.h"

namespace conveyor::dicom {

/// How the samples of a frame lie in their 8 or 16 bits.
struct SampleLayout {
  int bits = 0;      ///< of a sample; the bits above them may have any value
  int shift = 0;     ///< the place of the lowest of them
  bool ybr = false;  ///< three samples are luminance and chrominances
};

/// The samples of one frame as they were stored, unpacked: height x width, CV_8U or CV_16U by what is allocated (1 bit:
/// 8), interleaved.
/// @throws DecodeError when the pixel data is corrupt or has too few bytes, or has values that do not fit into the bits
///         that the file says are stored
[[nodiscard]] SampleLayout read_samples(const Header& header, int frame, cv::Mat& into);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_PIXELS_H_
