#ifndef CONVEYOR_VISION_IMAGE_H_
#define CONVEYOR_VISION_IMAGE_H_

#include <cstdint>
#include <functional>
#include <opencv2/core/mat.hpp>
#include <utility>

#include "conveyor/export.h"
#include "conveyor/vision/pixel_range.h"

namespace conveyor::v1 {
class Image;
enum ImageEncoding : int;
enum PixelFormat : int;
}  // namespace conveyor::v1

namespace conveyor::vision {

/// Larger images are refused before anything is allocated: at most this many pixels a side, and in all.
inline constexpr int kMaxImageSide = 32'768;
inline constexpr std::int64_t kMaxImagePixels = std::int64_t{64} << 20;

/// Pixels of a message, not copied.
struct ImageView {
  cv::Mat pixels;          ///< height x width, CV_8U or CV_16U, 1, 3 or 4 interleaved channels; read only
  v1::PixelFormat format;  ///< what the channels are, as the sender laid them out; never PIXEL_FORMAT_UNSPECIFIED
};

/// Looks at a raw image where it lies. The view lives as long as `image` and its image_data are unchanged.
///
/// The bytes must be exactly height x width x channels x bit_depth / 8. A pixel_format that is not given follows from
/// their number: gray or RGB.
///
/// Thread safety: may be called from any thread; so may all functions of this header, each with a buffer of its own.
///
/// @throws DecodeError when the image is not raw, or its sizes do not fit its bytes, or exceed the limits above
[[nodiscard]] CONVEYOR_EXPORT ImageView view(const v1::Image& image);
ImageView view(v1::Image&& image) = delete;

/// Pixels of a raw or delta_split image as OpenCV orders them: gray, BGR or BGRA; CV_8U or CV_16U.
///
/// Raw gray, BGR and BGRA come as a view of `image` (see view()); everything else is decoded into `buffer`, whose
/// memory is reused from call to call. Read only either way.
///
/// @throws DecodeError as view(); an image in PNG or JPEG needs media::decode of Conveyor::media, one in DICOM
///         dicom::decode of Conveyor::dicom
[[nodiscard]] CONVEYOR_EXPORT cv::Mat decode(const v1::Image& image, cv::Mat& buffer);
cv::Mat decode(v1::Image&& image, cv::Mat& buffer) = delete;

/// Pixels as OpenCV orders them, and what their values stand for.
struct DecodedImage {
  // Implicit, so that a function that returns cv::Mat is an ImageDecoder.
  DecodedImage(cv::Mat image) : pixels(std::move(image)) {}
  DecodedImage(cv::Mat image, double factor, double offset)
      : pixels(std::move(image)), slope(factor), intercept(offset) {}
  DecodedImage(cv::Mat image, const PixelRange& values) : pixels(std::move(image)), range(values) {}

  cv::Mat pixels;    ///< gray, BGR or BGRA; read only
  double slope = 1;  ///< physical value = slope * pixel + intercept, as Sample has it
  double intercept = 0;
  PixelRange range = {};  ///< what the values stand for; where nothing is said, it follows from the depth (range_of())
};

/// How images become pixels: decode() for raw and delta_split ones, media::decode for PNG and JPEG too, dicom::decode
/// for DICOM, or your own, which may return just a cv::Mat. The pixels lie either in `image` or in `buffer`. Called
/// from many threads, each with a buffer of its own. It throws DecodeError for a bad image; an Error that is
/// retryable() asks for another attempt; anything else is a fault.
using ImageDecoder = std::function<DecodedImage(const v1::Image& image, cv::Mat& buffer)>;

/// Fills image_data, height, width, pixel_format, bit_depth and encoding (raw); everything else stays.
///
/// @param pixels CV_8U or CV_16U with 1, 3 or 4 channels: gray, BGR, BGRA; rows may be padded
/// @throws Error with errc::encode for other pixels, or for ones that exceed the limits above
CONVEYOR_EXPORT void to_image(const cv::Mat& pixels, v1::Image& into);
/// The same for pixels in another order.
CONVEYOR_EXPORT void to_image(const cv::Mat& pixels, v1::PixelFormat format, v1::Image& into);
/// The same in another encoding: raw or delta_split, which the channel's zlib packs smaller and faster (delta_split.h).
///
///     vision::to_image(scan, v1::IMAGE_ENCODING_DELTA_SPLIT, image);
///
/// @throws Error with errc::invalid_config for an encoding of another component
CONVEYOR_EXPORT void to_image(const cv::Mat& pixels, v1::ImageEncoding encoding, v1::Image& into);
CONVEYOR_EXPORT void to_image(const cv::Mat& pixels, v1::PixelFormat format, v1::ImageEncoding encoding,
                              v1::Image& into);

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_IMAGE_H_
