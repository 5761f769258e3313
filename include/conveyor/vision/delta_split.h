#ifndef CONVEYOR_VISION_DELTA_SPLIT_H_
#define CONVEYOR_VISION_DELTA_SPLIT_H_

#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>

#include "conveyor/export.h"

namespace conveyor::vision {

/// The bytes of IMAGE_ENCODING_DELTA_SPLIT: as many as the raw pixels have, but which zlib packs smaller and faster.
///
/// Stored is the difference of each pixel from the plane through its neighbours, left + up - upper left. Scans are
/// smooth, so that it is small; the high bytes, stored together, are nearly all zero. conveyor/v1/image.proto defines
/// every byte. Nothing is lost. It pays where noise is less than the range of values: 16 bit scans, 8 bit gray
/// photographs; not for drawings, which zlib packs better as they are.
///
/// to_image() and decode() of image.h use it for whole messages.
///
/// @param pixels CV_8U or CV_16U with 1 to 4 channels, not empty; rows may be padded
/// @param bytes its memory is reused from call to call
/// @throws Error with errc::encode for other pixels
///
/// Thread safety: may be called from any thread; so may the function below.
CONVEYOR_EXPORT void encode_delta_split(const cv::Mat& pixels, std::string& bytes);

/// Fills pixels, which have their size and type already and may be a part of a larger image.
/// @throws DecodeError when there are not exactly as many bytes as pixels of that size and type have, or these are
///         none that encode_delta_split() takes
CONVEYOR_EXPORT void decode_delta_split(std::string_view bytes, cv::Mat& pixels);

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_DELTA_SPLIT_H_
