#include "conveyor/media/image_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <opencv2/imgcodecs.hpp>
#include <random>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/vision/image.h"
#include "media/image_header.h"
#include "vision/image/image_shape.h"

namespace conveyor::media {
namespace {

/// @return how many bytes the encoded image has
std::size_t check_header(const v1::Image& image) {
  const std::string& bytes = image.image_data();
  if (bytes.empty()) throw DecodeError("it has no bytes");
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) throw DecodeError("it is too large");
  const ImageHeader header =
      image.encoding() == v1::IMAGE_ENCODING_PNG ? read_png_header(bytes) : read_jpeg_header(bytes);
  if (auto wrong = vision::wrong_dimensions(header.width, header.height); !wrong.empty()) throw DecodeError(wrong);
  const bool declared = image.width() != 0 || image.height() != 0;
  if (declared && (image.width() != header.width || image.height() != header.height)) {
    throw DecodeError(fmt::format("the message says {} x {} pixels, the encoded image {} x {}", image.width(),
                                  image.height(), header.width, header.height));
  }
  return header.bytes;
}

using Mark = std::array<unsigned char, 16>;

/// Bytes that an image ends with only by a chance of 1 in 2^128.
const Mark& mark() {
  static const Mark bytes = [] {
    std::random_device random;
    Mark drawn;
    for (unsigned char& byte : drawn) byte = static_cast<unsigned char>(random());
    return drawn;
  }();
  return bytes;
}

unsigned char* end_of(const cv::Mat& buffer) {
  return buffer.data + buffer.total() * buffer.elemSize() - mark().size();
}

/// cv::imdecode leaves its destination unchanged when it cannot decode a file: the previous image would come out again.
/// Therefore the destination is marked first. Small memory, in which the mark might be the end of an image, is not
/// reused.
void mark_as_old(cv::Mat& buffer) {
  constexpr std::size_t kSmall = 4096;
  if (buffer.empty()) return;
  if (!buffer.isContinuous() || buffer.total() * buffer.elemSize() < kSmall) return buffer.release();
  std::copy(mark().begin(), mark().end(), end_of(buffer));
}
bool is_old(const cv::Mat& buffer) {
  return buffer.isContinuous() && buffer.total() * buffer.elemSize() >= mark().size() &&
         std::equal(mark().begin(), mark().end(), end_of(buffer));
}

void decode_file(const v1::Image& image, cv::Mat& buffer) {
  const std::size_t bytes = check_header(image);
  const cv::Mat file(1, static_cast<int>(bytes), CV_8U, const_cast<char*>(image.image_data().data()));
  mark_as_old(buffer);
  try {
    const bool decoded = !cv::imdecode(file, cv::IMREAD_UNCHANGED, &buffer).empty();
    if (!decoded || is_old(buffer)) throw DecodeError("its data is corrupt");
  } catch (const cv::Exception& error) {
    throw DecodeError(error.err);
  }
}

void encode(const cv::Mat& pixels, const char* extension, const std::vector<int>& parameters, v1::Image& into) {
  std::vector<unsigned char> bytes;
  bool encoded = false;
  try {
    encoded = cv::imencode(extension, pixels, bytes, parameters);
  } catch (const cv::Exception& error) {
    throw Error(errc::encode, fmt::format("pixels ({}) cannot be encoded: {}", vision::describe(pixels), error.err));
  }
  if (!encoded) throw Error(errc::encode, fmt::format("pixels ({}) cannot be encoded", vision::describe(pixels)));
  into.mutable_image_data()->assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  into.set_height(pixels.rows);
  into.set_width(pixels.cols);
  into.set_bit_depth(pixels.depth() == CV_8U ? 8 : 16);
  into.set_pixel_format(pixels.channels() == 1   ? v1::PIXEL_FORMAT_GRAY
                        : pixels.channels() == 3 ? v1::PIXEL_FORMAT_BGR
                                                 : v1::PIXEL_FORMAT_BGRA);
}

void check_pixels(const cv::Mat& pixels, bool possible, const char* what) {
  if (pixels.dims != 2 || pixels.empty() || !possible) {
    throw Error(errc::encode, fmt::format("pixels ({}) cannot be encoded as {}", vision::describe(pixels), what));
  }
  if (auto wrong = vision::wrong_dimensions(pixels.cols, pixels.rows); !wrong.empty()) {
    throw Error(errc::encode, "image cannot be sent: " + wrong);
  }
}

}  // namespace

cv::Mat decode(const v1::Image& image, cv::Mat& buffer) {
  if (image.encoding() != v1::IMAGE_ENCODING_PNG && image.encoding() != v1::IMAGE_ENCODING_JPEG) {
    return vision::decode(image, buffer);
  }
  try {
    decode_file(image, buffer);
    const bool known = buffer.channels() == 1 || buffer.channels() == 3 || buffer.channels() == 4;
    if (!known || (buffer.depth() != CV_8U && buffer.depth() != CV_16U)) {
      throw DecodeError(fmt::format("its pixels are {}", vision::describe(buffer)));
    }
  } catch (const DecodeError& error) {
    throw DecodeError(fmt::format("image of frame {} ({}) cannot be read: {}", image.frame(),
                                  v1::ImageEncoding_Name(image.encoding()), error.what()));
  }
  return buffer;
}

void to_jpeg(const cv::Mat& pixels, v1::Image& into, int quality) {
  if (quality < 1 || quality > 100) {
    throw Error(errc::invalid_config, fmt::format("JPEG quality {} is not from 1 to 100", quality));
  }
  check_pixels(pixels, pixels.type() == CV_8UC1 || pixels.type() == CV_8UC3, "JPEG: 8 bit gray or BGR is needed");
  encode(pixels, ".jpg", {cv::IMWRITE_JPEG_QUALITY, quality}, into);
  into.set_encoding(v1::IMAGE_ENCODING_JPEG);
}

void to_png(const cv::Mat& pixels, v1::Image& into, int level) {
  if (level < 0 || level > 9) {
    throw Error(errc::invalid_config, fmt::format("PNG compression level {} is not from 0 to 9", level));
  }
  const bool depth = pixels.depth() == CV_8U || pixels.depth() == CV_16U;
  const bool channels = pixels.channels() == 1 || pixels.channels() == 3 || pixels.channels() == 4;
  check_pixels(pixels, depth && channels, "PNG: 8 or 16 bit with 1, 3 or 4 channels is needed");
  encode(pixels, ".png", {cv::IMWRITE_PNG_COMPRESSION, level}, into);
  into.set_encoding(v1::IMAGE_ENCODING_PNG);
}

}  // namespace conveyor::media
