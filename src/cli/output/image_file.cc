#include "cli/output/image_file.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace conveyor::cli {
namespace {

struct Shape {
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t channels = 0;
  std::size_t bytes_each = 1;  ///< of a channel of a pixel
  bool blue_first = false;

  [[nodiscard]] std::size_t values() const { return width * height * channels; }
  [[nodiscard]] std::size_t bytes() const { return values() * bytes_each; }
};

std::size_t channels_of(v1::PixelFormat format) {
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

Shape shape_of(const v1::Image& image) {
  Shape shape{.width = static_cast<std::size_t>(image.width()),
              .height = static_cast<std::size_t>(image.height()),
              .channels = channels_of(image.pixel_format()),
              .bytes_each = image.bit_depth() == 16 ? 2U : 1U};
  if (shape.channels == 0) {
    shape.channels = 1;
    if (image.image_data().size() != shape.bytes()) shape.channels = 3;
  }
  const auto format = image.pixel_format();
  shape.blue_first = format == v1::PIXEL_FORMAT_BGR || format == v1::PIXEL_FORMAT_BGRA;
  return shape;
}

using Values = std::vector<std::uint16_t>;

Values raw_values(std::string_view bytes, const Shape& shape) {
  Values values(shape.values());
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<std::uint16_t>(shape.bytes_each == 2 ? byte(2 * i) | byte(2 * i + 1) << 8 : byte(i));
  }
  return values;
}

// conveyor/v1/image.proto says what the bytes are.
Values delta_split_values(std::string_view bytes, const Shape& shape) {
  Values values(shape.values());
  const unsigned mask = shape.bytes_each == 2 ? 0xFFFF : 0xFF;
  const std::size_t row = shape.width * shape.channels;
  for (std::size_t i = 0; i < values.size(); ++i) {
    unsigned folded = static_cast<unsigned char>(bytes[i]);
    if (shape.bytes_each == 2)
      folded |= static_cast<unsigned>(static_cast<unsigned char>(bytes[values.size() + i])) << 8;
    const unsigned difference = (folded & 1U) != 0 ? ~(folded >> 1) : folded >> 1;
    const bool has_left = i % row >= shape.channels;
    const bool has_up = i >= row;
    const unsigned left = has_left ? values[i - shape.channels] : 0;
    const unsigned up = has_up ? values[i - row] : 0;
    const unsigned corner = has_left && has_up ? values[i - row - shape.channels] : 0;
    values[i] = static_cast<std::uint16_t>((difference + left + up - corner) & mask);
  }
  return values;
}

// Red first, and the high byte of 16 bits first.
std::string netpbm_pixels(const Values& values, const Shape& shape) {
  std::string bytes;
  bytes.reserve(shape.bytes());
  for (std::size_t pixel = 0; pixel < values.size(); pixel += shape.channels) {
    for (std::size_t channel = 0; channel < shape.channels; ++channel) {
      const std::size_t from = shape.blue_first && channel < 3 ? 2 - channel : channel;
      const std::uint16_t value = values[pixel + from];
      if (shape.bytes_each == 2) bytes += static_cast<char>(value >> 8);
      bytes += static_cast<char>(value & 0xFFU);
    }
  }
  return bytes;
}

ImageFile netpbm_file(const Values& values, const Shape& shape) {
  const int most = shape.bytes_each == 2 ? 65'535 : 255;
  const std::string pixels = netpbm_pixels(values, shape);
  if (shape.channels == 4) {
    return {".pam", fmt::format("P7\nWIDTH {}\nHEIGHT {}\nDEPTH 4\nMAXVAL {}\nTUPLTYPE RGB_ALPHA\nENDHDR\n",
                                shape.width, shape.height, most) +
                        pixels};
  }
  const bool gray = shape.channels == 1;
  return {gray ? ".pgm" : ".ppm",
          fmt::format("P{}\n{} {}\n{}\n", gray ? 5 : 6, shape.width, shape.height, most) + pixels};
}

}  // namespace

std::variant<ImageFile, std::string> image_file(const v1::Image& image) {
  if (image.image_data().empty()) return std::string("it has no pixels");
  switch (image.encoding()) {
    case v1::IMAGE_ENCODING_JPEG:
      return ImageFile{".jpg", image.image_data()};
    case v1::IMAGE_ENCODING_PNG:
      return ImageFile{".png", image.image_data()};
    case v1::IMAGE_ENCODING_DICOM:
      return ImageFile{".dcm", image.image_data()};
    case v1::IMAGE_ENCODING_UNSPECIFIED:
    case v1::IMAGE_ENCODING_RAW:
    case v1::IMAGE_ENCODING_DELTA_SPLIT:
      break;
    default:
      return fmt::format("its encoding is {}, which this version does not know", static_cast<int>(image.encoding()));
  }
  constexpr int kMostPixels = 1 << 16;  // in one direction
  if (image.width() <= 0 || image.height() <= 0 || image.width() > kMostPixels || image.height() > kMostPixels) {
    return fmt::format("its size is {}x{}", image.width(), image.height());
  }
  const Shape shape = shape_of(image);
  if (image.image_data().size() != shape.bytes()) {
    return fmt::format("it has {} bytes, and {}x{} pixels take {}", image.image_data().size(), shape.width,
                       shape.height, shape.bytes());
  }
  const bool split = image.encoding() == v1::IMAGE_ENCODING_DELTA_SPLIT;
  return netpbm_file(split ? delta_split_values(image.image_data(), shape) : raw_values(image.image_data(), shape),
                     shape);
}

}  // namespace conveyor::cli
