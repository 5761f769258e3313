#include "dicom/convert.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace conveyor::dicom {
namespace {

/// How a stored sample becomes a value from 0 to `mask`: (sample >> shift & mask) ^ flip. To flip the highest bit of a
/// two's complement number is to add half the range; to flip all is to subtract from the largest.
struct Unsigned {
  int shift = 0;
  std::uint32_t mask = 0;
  std::uint32_t flip = 0;
};

Unsigned unsigned_of(const Header& header) {
  Unsigned how;
  how.shift = header.high_bit + 1 - header.bits_stored;
  how.mask = (1U << header.bits_stored) - 1;
  if (header.is_signed) how.flip ^= 1U << (header.bits_stored - 1);
  if (header.photometric == Photometric::kMonochrome1) how.flip ^= how.mask;
  return how;
}

template <class T>
void apply(const Unsigned& how, cv::Mat& samples) {
  T* sample = samples.ptr<T>();
  T* const end = sample + samples.total();
  for (; sample != end; ++sample)
    *sample = static_cast<T>((static_cast<std::uint32_t>(*sample) >> how.shift & how.mask) ^ how.flip);
}

void apply(const Unsigned& how, cv::Mat& samples) {
  samples.depth() == CV_8U ? apply<std::uint8_t>(how, samples) : apply<std::uint16_t>(how, samples);
}

template <class T>
void swap_order(const cv::Mat& rgb, cv::Mat& bgr) {
  const T* from = rgb.ptr<T>();
  T* to = bgr.ptr<T>();
  for (std::size_t i = 0; i < rgb.total(); ++i, from += 3, to += 3) {
    to[0] = from[2];
    to[1] = from[1];
    to[2] = from[0];
  }
}

unsigned char rounded(double value) {
  return static_cast<unsigned char>(std::clamp(std::floor(value + 0.5), 0.0, 255.0));
}

void ybr_to_bgr(const cv::Mat& ybr, cv::Mat& bgr) {
  const unsigned char* from = ybr.data;
  unsigned char* to = bgr.data;
  for (std::size_t i = 0; i < ybr.total(); ++i, from += 3, to += 3) {
    const double y = from[0];
    const double blue = from[1] - 128.0;
    const double red = from[2] - 128.0;
    to[0] = rounded(y + 1.772 * blue);
    to[1] = rounded(y - 0.114 * 1.772 / 0.587 * blue - 0.299 * 1.402 / 0.587 * red);
    to[2] = rounded(y + 1.402 * red);
  }
}

/// An entry of a palette's table. 8 bit entries lie one after the other in words, or each in a word of its own.
std::uint32_t entry(const Header& header, const PaletteTable& table, std::size_t index) {
  const bool big = header.syntax.big_endian;
  if (table.values.size() >= 2 * static_cast<std::size_t>(table.entries)) {
    const std::uint32_t word = read_number(table.values, 2 * index, 2, big);
    return header.palette_bits == 8 ? word & 0xff : word;
  }
  const std::size_t swapped = index ^ 1;
  return static_cast<unsigned char>(table.values[big && swapped < table.values.size() ? swapped : index]);
}

template <class Index, class T>
void look_up(const Header& header, const cv::Mat& indices, cv::Mat& into) {
  const std::int32_t offset = header.is_signed ? 1 << (header.bits_stored - 1) : 0;
  const Index* from = indices.ptr<Index>();
  T* to = into.ptr<T>();
  for (std::size_t i = 0; i < indices.total(); ++i, to += 3) {
    const std::int32_t value = static_cast<std::int32_t>(from[i]) - offset;
    for (std::size_t color = 0; color < 3; ++color) {
      const PaletteTable& table = header.palette[color];
      const auto index = static_cast<std::size_t>(std::clamp(value - table.first, 0, table.entries - 1));
      to[2 - color] = static_cast<T>(entry(header, table, index));
    }
  }
}

template <class Index>
void look_up(const Header& header, const cv::Mat& indices, cv::Mat& into) {
  header.palette_bits == 8 ? look_up<Index, std::uint8_t>(header, indices, into)
                           : look_up<Index, std::uint16_t>(header, indices, into);
}

}  // namespace

vision::DecodedImage gray_of(const Header& header, const Rescale& rescale, cv::Mat& samples) {
  const Unsigned how = unsigned_of(header);
  if (header.bits_stored != header.bits_allocated || how.flip != 0) apply(how, samples);
  const double half = header.is_signed ? 1U << (header.bits_stored - 1) : 0;
  if (header.photometric != Photometric::kMonochrome1) {
    return {samples, rescale.slope, rescale.intercept - rescale.slope * half};
  }
  return {samples, -rescale.slope, rescale.intercept + rescale.slope * (how.mask - half)};
}

void colors_of(bool ybr, const cv::Mat& samples, cv::Mat& into) {
  into.create(samples.size(), samples.type());
  if (ybr) return ybr_to_bgr(samples, into);
  samples.depth() == CV_8U ? swap_order<std::uint8_t>(samples, into) : swap_order<std::uint16_t>(samples, into);
}

void colors_of_palette(const Header& header, cv::Mat& indices, cv::Mat& into) {
  apply(unsigned_of(header), indices);
  into.create(indices.size(), CV_MAKETYPE(header.palette_bits == 8 ? CV_8U : CV_16U, 3));
  indices.depth() == CV_8U ? look_up<std::uint8_t>(header, indices, into)
                           : look_up<std::uint16_t>(header, indices, into);
}

}  // namespace conveyor::dicom
