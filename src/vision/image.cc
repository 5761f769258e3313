#include "conveyor/vision/image.h"

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <opencv2/imgproc.hpp>
#include <string>

#include "conveyor/error.h"
#include "conveyor/v1/image.pb.h"
#include "vision/describe.h"

namespace conveyor::vision {
namespace {

static_assert(std::endian::native == std::endian::little, "16 bit pixels travel in little endian order");

/// 0 for a format that is not given or not known.
int channels_of(v1::PixelFormat format) {
  switch (format) {
    case v1::PIXEL_FORMAT_GRAY:
      return 1;
    case v1::PIXEL_FORMAT_BGR:
    case v1::PIXEL_FORMAT_RGB:
      return 3;
    case v1::PIXEL_FORMAT_BGRA:
    case v1::PIXEL_FORMAT_RGBA:
      return 4;
    default:
      return 0;
  }
}

[[noreturn]] void refuse(const v1::Image& image, const std::string& why) {
  throw DecodeError(fmt::format("image of frame {} cannot be read: {}", image.frame(), why));
}

void check_encoding(const v1::Image& image) {
  switch (image.encoding()) {
    case v1::IMAGE_ENCODING_UNSPECIFIED:
    case v1::IMAGE_ENCODING_RAW:
      return;
    case v1::IMAGE_ENCODING_PNG:
    case v1::IMAGE_ENCODING_JPEG:
      refuse(image, fmt::format("it is encoded as {}; link Conveyor::media and decode with conveyor::media::decode "
                                "(ServeOptions::decode)",
                                v1::ImageEncoding_Name(image.encoding())));
    default:
      refuse(image, v1::ImageEncoding_IsValid(image.encoding())
                        ? fmt::format("encoding {} has no decoder", v1::ImageEncoding_Name(image.encoding()))
                        : fmt::format("encoding {} is not known", static_cast<int>(image.encoding())));
  }
}

}  // namespace

ImageView view(const v1::Image& image) {
  check_encoding(image);
  if (auto wrong = wrong_dimensions(image.width(), image.height()); !wrong.empty()) refuse(image, wrong);
  const int bits = image.bit_depth() == 0 ? 8 : image.bit_depth();
  if (bits != 8 && bits != 16) refuse(image, fmt::format("its bit depth is {}, not 8 or 16", image.bit_depth()));

  const std::string& bytes = image.image_data();
  const std::size_t plane = static_cast<std::size_t>(image.width()) * static_cast<std::size_t>(image.height()) *
                            static_cast<std::size_t>(bits / 8);
  v1::PixelFormat format = image.pixel_format();
  if (format == v1::PIXEL_FORMAT_UNSPECIFIED) {
    if (bytes.size() == plane) {
      format = v1::PIXEL_FORMAT_GRAY;
    } else if (bytes.size() == 3 * plane) {
      format = v1::PIXEL_FORMAT_RGB;
    } else {
      refuse(image, fmt::format("{} bytes are neither {} x {} gray ({}) nor RGB ({}) of {} bit", bytes.size(),
                                image.width(), image.height(), plane, 3 * plane, bits));
    }
  }
  const int channels = channels_of(format);
  if (channels == 0) refuse(image, fmt::format("pixel format {} is not known", static_cast<int>(format)));
  if (bytes.size() != plane * static_cast<std::size_t>(channels)) {
    refuse(image,
           fmt::format("it has {} bytes; {} x {} pixels of {}, {} bit, are {}", bytes.size(), image.width(),
                       image.height(), v1::PixelFormat_Name(format), bits, plane * static_cast<std::size_t>(channels)));
  }
  // OpenCV has no read-only matrix; the contract says that nobody writes.
  void* data = const_cast<char*>(bytes.data());
  return {cv::Mat(image.height(), image.width(), CV_MAKETYPE(bits == 8 ? CV_8U : CV_16U, channels), data), format};
}

cv::Mat decode(const v1::Image& image, cv::Mat& buffer) {
  const ImageView raw = view(image);
  if (raw.format == v1::PIXEL_FORMAT_RGB) {
    cv::cvtColor(raw.pixels, buffer, cv::COLOR_RGB2BGR);
  } else if (raw.format == v1::PIXEL_FORMAT_RGBA) {
    cv::cvtColor(raw.pixels, buffer, cv::COLOR_RGBA2BGRA);
  } else {
    return raw.pixels;
  }
  return buffer;
}

void to_image(const cv::Mat& pixels, v1::Image& into) {
  v1::PixelFormat format = v1::PIXEL_FORMAT_GRAY;
  if (pixels.channels() == 3) format = v1::PIXEL_FORMAT_BGR;
  if (pixels.channels() == 4) format = v1::PIXEL_FORMAT_BGRA;
  to_image(pixels, format, into);
}

void to_image(const cv::Mat& pixels, v1::PixelFormat format, v1::Image& into) {
  const bool readable = pixels.dims == 2 && !pixels.empty() && (pixels.depth() == CV_8U || pixels.depth() == CV_16U);
  if (!readable || pixels.channels() != channels_of(format)) {
    throw Error(errc::encode, fmt::format("pixels ({}) cannot be sent as {}: 8 or 16 bit with 1, 3 or 4 channels are "
                                          "needed, as many as the format has",
                                          describe(pixels), v1::PixelFormat_Name(format)));
  }
  if (auto wrong = wrong_dimensions(pixels.cols, pixels.rows); !wrong.empty()) {
    throw Error(errc::encode, "image cannot be sent: " + wrong);
  }
  const std::size_t row = static_cast<std::size_t>(pixels.cols) * pixels.elemSize();
  std::string& bytes = *into.mutable_image_data();
  bytes.clear();
  bytes.reserve(row * static_cast<std::size_t>(pixels.rows));
  for (int y = 0; y < pixels.rows; ++y) bytes.append(reinterpret_cast<const char*>(pixels.ptr(y)), row);
  into.set_height(pixels.rows);
  into.set_width(pixels.cols);
  into.set_pixel_format(format);
  into.set_bit_depth(pixels.depth() == CV_8U ? 8 : 16);
  into.set_encoding(v1::IMAGE_ENCODING_RAW);
}

}  // namespace conveyor::vision
