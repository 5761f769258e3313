#ifndef CONVEYOR_MEDIA_IMAGE_CODEC_H_
#define CONVEYOR_MEDIA_IMAGE_CODEC_H_

#include <opencv2/core/mat.hpp>

#include "conveyor/export.h"

namespace conveyor::v1 {
class Image;
}

namespace conveyor::media {

/// Pixels of a raw, PNG or JPEG image as OpenCV orders them: gray, BGR or BGRA; CV_8U, or CV_16U from PNG and raw.
///
///     conveyor::vision::serve(worker, kImages, kPredictions, model, {.decode = conveyor::media::decode});
///
/// The dimensions in the file's header must be those of the message (unless both of these are 0) and within
/// vision::kMaxImageSide and kMaxImagePixels; they are read before anything is allocated. PNG and JPEG are decoded into
/// `buffer`, whose memory is reused from call to call; a raw image as vision::decode does. Read only either way.
/// Orientation tags are ignored: pixels come as they were stored.
///
/// A file that was cut short is refused. Bytes changed within JPEG's compressed data are not detectable: the format has
/// no checksum.
///
/// Thread safety: may be called from any thread, each with a buffer of its own; so may all functions of this header.
///
/// @throws DecodeError saying what is wrong with the image
[[nodiscard]] CONVEYOR_EXPORT cv::Mat decode(const v1::Image& image, cv::Mat& buffer);

/// Fills image_data, height, width, pixel_format, bit_depth and encoding with a JPEG; everything else stays.
///
/// @param pixels CV_8U, gray or BGR
/// @param quality 1 (small) to 100 (good)
/// @throws Error with errc::encode for other pixels, or errc::invalid_config for another quality
CONVEYOR_EXPORT void to_jpeg(const cv::Mat& pixels, v1::Image& into, int quality = 90);

/// The same with a PNG, which loses nothing.
///
/// @param pixels CV_8U or CV_16U; gray, BGR or BGRA
/// @param level of zlib's compression, 0 (fast) to 9 (small)
CONVEYOR_EXPORT void to_png(const cv::Mat& pixels, v1::Image& into, int level = 1);

}  // namespace conveyor::media

#endif  // CONVEYOR_MEDIA_IMAGE_CODEC_H_
