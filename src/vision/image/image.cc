#include "conveyor/vision/image.h"

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <opencv2/imgproc.hpp>
#include <string>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/vision/delta_split.h"
#include "vision/image/image_shape.h"

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

bool is_delta_split(const v1::Image& image) { return image.encoding() == v1::IMAGE_ENCODING_DELTA_SPLIT; }

void check_encoding(const v1::Image& image) {
  const std::string name = v1::ImageEncoding_Name(image.encoding());
  switch (image.encoding()) {
    case v1::IMAGE_ENCODING_UNSPECIFIED:
    case v1::IMAGE_ENCODING_RAW:
    case v1::IMAGE_ENCODING_DELTA_SPLIT:
      return;
    case v1::IMAGE_ENCODING_PNG:
    case v1::IMAGE_ENCODING_JPEG:
      refuse(image, fmt::format("it is encoded as {}; link Conveyor::media and decode with conveyor::media::decode "
                                "(ServeOptions::decode)",
                                name));
    case v1::IMAGE_ENCODING_DICOM:
      refuse(image, fmt::format("it is encoded as {}; link Conveyor::dicom and decode with conveyor::dicom::decode "
                                "(ServeOptions::decode)",
                                name));
    default:
      refuse(image, fmt::format("encoding {} is not known", static_cast<int>(image.encoding())));
  }
}

/// How the samples of a raw or delta_split image lie: their number of bytes follows from it.
struct Layout {
  v1::PixelFormat format;
  int type;  // OpenCV's
};

/// Checks that the declared size fits the actual bytes; nothing behind it checks again.
Layout layout_of(const v1::Image& image) {
  check_encoding(image);
  if (auto wrong = wrong_dimensions(image.width(), image.height()); !wrong.empty()) refuse(image, wrong);
  const int bits = image.bit_depth() == 0 ? 8 : image.bit_depth();
  if (bits != 8 && bits != 16) refuse(image, fmt::format("its bit depth is {}, not 8 or 16", image.bit_depth()));

  const std::size_t size = image.image_data().size();
  const std::size_t plane = static_cast<std::size_t>(image.width()) * static_cast<std::size_t>(image.height()) *
                            static_cast<std::size_t>(bits / 8);
  v1::PixelFormat format = image.pixel_format();
  if (format == v1::PIXEL_FORMAT_UNSPECIFIED) {
    if (size == plane) {
      format = v1::PIXEL_FORMAT_GRAY;
    } else if (size == 3 * plane) {
      format = v1::PIXEL_FORMAT_RGB;
    } else {
      refuse(image, fmt::format("{} bytes are neither {} x {} gray ({}) nor RGB ({}) of {} bit", size, image.width(),
                                image.height(), plane, 3 * plane, bits));
    }
  }
  const int channels = channels_of(format);
  if (channels == 0) refuse(image, fmt::format("pixel format {} is not known", static_cast<int>(format)));
  if (size != plane * static_cast<std::size_t>(channels)) {
    refuse(image,
           fmt::format("it has {} bytes; {} x {} pixels of {}, {} bit, are {}", size, image.width(), image.height(),
                       v1::PixelFormat_Name(format), bits, plane * static_cast<std::size_t>(channels)));
  }
  return {format, CV_MAKETYPE(bits == 8 ? CV_8U : CV_16U, channels)};
}

ImageView view_as(const v1::Image& image, const Layout& layout) {
  // OpenCV has no read-only matrix; the contract says that nobody writes.
  void* data = const_cast<char*>(image.image_data().data());
  return {cv::Mat(image.height(), image.width(), layout.type, data), layout.format};
}

template <class T>
void swap_red_and_blue(cv::Mat& pixels) {
  const auto channels = static_cast<std::size_t>(pixels.channels());
  T* first = pixels.ptr<T>();
  T* const end = first + pixels.total() * channels;
  for (; first != end; first += channels) std::swap(first[0], first[2]);
}

}  // namespace

ImageView view(const v1::Image& image) {
  const Layout layout = layout_of(image);
  if (is_delta_split(image)) refuse(image, "it is encoded as IMAGE_ENCODING_DELTA_SPLIT; decode() reads it");
  return view_as(image, layout);
}

cv::Mat decode(const v1::Image& image, cv::Mat& buffer) {
  const Layout layout = layout_of(image);
  const bool rgb = layout.format == v1::PIXEL_FORMAT_RGB || layout.format == v1::PIXEL_FORMAT_RGBA;
  if (is_delta_split(image)) {
    buffer.create(image.height(), image.width(), layout.type);
    decode_delta_split(image.image_data(), buffer);
    if (rgb)
      buffer.depth() == CV_8U ? swap_red_and_blue<std::uint8_t>(buffer) : swap_red_and_blue<std::uint16_t>(buffer);
    return buffer;
  }
  const ImageView raw = view_as(image, layout);
  if (!rgb) return raw.pixels;
  cv::cvtColor(raw.pixels, buffer, layout.format == v1::PIXEL_FORMAT_RGB ? cv::COLOR_RGB2BGR : cv::COLOR_RGBA2BGRA);
  return buffer;
}

namespace {

v1::PixelFormat format_of(const cv::Mat& pixels) {
  return pixels.channels() == 3   ? v1::PIXEL_FORMAT_BGR
         : pixels.channels() == 4 ? v1::PIXEL_FORMAT_BGRA
                                  : v1::PIXEL_FORMAT_GRAY;
}

void copy_rows(const cv::Mat& pixels, std::string& bytes) {
  const std::size_t row = static_cast<std::size_t>(pixels.cols) * pixels.elemSize();
  bytes.clear();
  bytes.reserve(row * static_cast<std::size_t>(pixels.rows));
  for (int y = 0; y < pixels.rows; ++y) bytes.append(reinterpret_cast<const char*>(pixels.ptr(y)), row);
}

}  // namespace

void to_image(const cv::Mat& pixels, v1::Image& into) { to_image(pixels, format_of(pixels), into); }

void to_image(const cv::Mat& pixels, v1::PixelFormat format, v1::Image& into) {
  to_image(pixels, format, v1::IMAGE_ENCODING_RAW, into);
}

void to_image(const cv::Mat& pixels, v1::ImageEncoding encoding, v1::Image& into) {
  to_image(pixels, format_of(pixels), encoding, into);
}

void to_image(const cv::Mat& pixels, v1::PixelFormat format, v1::ImageEncoding encoding, v1::Image& into) {
  const bool split = encoding == v1::IMAGE_ENCODING_DELTA_SPLIT;
  if (!split && encoding != v1::IMAGE_ENCODING_RAW) {
    throw Error(
        errc::invalid_config,
        fmt::format("to_image cannot encode as {}: known are IMAGE_ENCODING_RAW and IMAGE_ENCODING_DELTA_SPLIT; "
                    "PNG and JPEG are written by conveyor::media::to_png and to_jpeg",
                    v1::ImageEncoding_IsValid(encoding) ? v1::ImageEncoding_Name(encoding)
                                                        : std::to_string(static_cast<int>(encoding))));
  }
  const bool readable = pixels.dims == 2 && !pixels.empty() && (pixels.depth() == CV_8U || pixels.depth() == CV_16U);
  if (!readable || pixels.channels() != channels_of(format)) {
    throw Error(errc::encode, fmt::format("pixels ({}) cannot be sent as {}: 8 or 16 bit with 1, 3 or 4 channels are "
                                          "needed, as many as the format has",
                                          describe(pixels), v1::PixelFormat_Name(format)));
  }
  if (auto wrong = wrong_dimensions(pixels.cols, pixels.rows); !wrong.empty()) {
    throw Error(errc::encode, "image cannot be sent: " + wrong);
  }
  split ? encode_delta_split(pixels, *into.mutable_image_data()) : copy_rows(pixels, *into.mutable_image_data());
  into.set_height(pixels.rows);
  into.set_width(pixels.cols);
  into.set_pixel_format(format);
  into.set_bit_depth(pixels.depth() == CV_8U ? 8 : 16);
  into.set_encoding(encoding);
}

}  // namespace conveyor::vision
