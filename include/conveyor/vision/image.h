#ifndef CONVEYOR_VISION_IMAGE_H_
#define CONVEYOR_VISION_IMAGE_H_

#include <cstdint>
#include <functional>
#include <opencv2/core/mat.hpp>

#include "conveyor/export.h"

namespace conveyor::v1 {
class Image;
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

/// Pixels of a raw image as OpenCV orders them: gray, BGR or BGRA; CV_8U or CV_16U.
///
/// Gray, BGR and BGRA come as a view of `image` (see view()); RGB and RGBA are converted into `buffer`, whose memory is
/// used again from call to call. Either way: read only.
///
/// @throws DecodeError as view(); an image in PNG or JPEG needs media::decode of Conveyor::media
[[nodiscard]] CONVEYOR_EXPORT cv::Mat decode(const v1::Image& image, cv::Mat& buffer);
cv::Mat decode(v1::Image&& image, cv::Mat& buffer) = delete;

/// How images become pixels: decode() for raw ones, media::decode for PNG and JPEG too, or your own. The result is
/// gray, BGR or BGRA, and either lies in `image` or in `buffer`. Called from many threads; throws DecodeError.
using ImageDecoder = std::function<cv::Mat(const v1::Image& image, cv::Mat& buffer)>;

/// Fills image_data, height, width, pixel_format, bit_depth and encoding (raw); everything else stays.
///
/// @param pixels CV_8U or CV_16U with 1, 3 or 4 channels: gray, BGR, BGRA; rows may be padded
/// @throws Error with errc::encode for other pixels, or for ones that exceed the limits above
CONVEYOR_EXPORT void to_image(const cv::Mat& pixels, v1::Image& into);
/// The same for pixels in another order.
CONVEYOR_EXPORT void to_image(const cv::Mat& pixels, v1::PixelFormat format, v1::Image& into);

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_IMAGE_H_
