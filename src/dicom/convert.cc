#include "dicom/convert.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "conveyor/error.h"

namespace conveyor::dicom {
namespace {

/// Turns a stored sample into a value from 0 to `mask`: (sample >> shift & mask) ^ flip. Flipping the highest bit of a
/// two's complement number adds half the range; flipping all bits subtracts from the largest value.
struct Unsigned {
  int shift = 0;
  std::uint32_t mask = 0;
  std::uint32_t flip = 0;

  [[nodiscard]] std::uint32_t operator()(std::uint32_t sample) const { return (sample >> shift & mask) ^ flip; }
};

Unsigned unsigned_of(const SampleLayout& layout, bool is_signed) {
  const std::uint32_t sign = is_signed ? 1U << (layout.bits - 1) : 0;
  return {.shift = layout.shift, .mask = (1U << layout.bits) - 1, .flip = sign};
}

template <class T>
void apply(const Unsigned& how, cv::Mat& samples) {
  T* sample = samples.ptr<T>();
  T* const end = sample + samples.total() * static_cast<std::size_t>(samples.channels());
  for (; sample != end; ++sample) *sample = static_cast<T>(how(*sample));
}

void apply(const SampleLayout& layout, const Unsigned& how, cv::Mat& samples) {
  if (layout.bits == static_cast<int>(8 * samples.elemSize1()) && how.flip == 0) return;
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

/// Calls each(value) for the stored values; takes back that signed ones were raised by half their range.
template <class Index, class Each>
void for_each_value(const Unsigned& how, const cv::Mat& samples, Each each) {
  const auto half = static_cast<std::int32_t>(how.flip);
  const Index* sample = samples.ptr<Index>();
  for (std::size_t i = 0; i < samples.total(); ++i) each(static_cast<std::int32_t>(how(sample[i])) - half);
}
template <class Each>
void for_each_value(const Unsigned& how, const cv::Mat& samples, Each each) {
  samples.depth() == CV_8U ? for_each_value<std::uint8_t>(how, samples, each)
                           : for_each_value<std::uint16_t>(how, samples, each);
}

template <class T>
void look_up(const LookupTable& table, std::uint32_t flip, const Unsigned& how, const cv::Mat& samples, cv::Mat& into) {
  T* to = into.ptr<T>();
  for_each_value(how, samples, [&](std::int32_t value) { *to++ = static_cast<T>(table[value] ^ flip); });
}

template <class T>
void look_up_colors(const LookupTable* palette, const Unsigned& how, const cv::Mat& indices, cv::Mat& into) {
  T* to = into.ptr<T>();
  for_each_value(how, indices, [&](std::int32_t value) {
    for (const int color : {2, 1, 0}) *to++ = static_cast<T>(palette[color][value]);
  });
}

vision::DecodedImage gray_of_table(bool inverted, const LookupTable& table, const Unsigned& how, const cv::Mat& samples,
                                   cv::Mat& into) {
  const std::uint32_t largest = (1U << table.bits) - 1;
  const std::uint32_t flip = inverted ? largest : 0;
  into.create(samples.size(), table.bits == 8 ? CV_8UC1 : CV_16UC1);
  table.bits == 8 ? look_up<std::uint8_t>(table, flip, how, samples, into)
                  : look_up<std::uint16_t>(table, flip, how, samples, into);
  vision::DecodedImage image(into, inverted ? -1 : 1, inverted ? largest : 0);
  image.range = vision::PixelRange::physical(0, largest);
  return image;
}

}  // namespace

vision::DecodedImage gray_of(const Header& header, const SampleLayout& layout, const Modality& modality,
                             cv::Mat& samples, cv::Mat& into) {
  const bool inverted = header.photometric == Photometric::kMonochrome1;
  Unsigned how = unsigned_of(layout, header.is_signed);
  const double half = how.flip;
  if (modality.table.entries > 0) return gray_of_table(inverted, modality.table, how, samples, into);
  if (inverted) how.flip ^= how.mask;
  apply(layout, how, samples);
  vision::DecodedImage image(samples, inverted ? -modality.slope : modality.slope,
                             modality.intercept + modality.slope * (inverted ? how.mask - half : -half));
  // A file that rescales, or has negative values, holds a measured quantity. Others hold brightness up to the last
  // stored bit.
  const bool quantity = header.is_signed || modality.slope != 1 || modality.intercept != 0;
  image.range = quantity ? vision::PixelRange::physical(0, how.mask) : vision::PixelRange::levels(how.mask);
  return image;
}

void colors_of(const SampleLayout& layout, cv::Mat& samples, cv::Mat& into) {
  apply(layout, unsigned_of(layout, false), samples);
  if (layout.ybr && layout.bits > 8) throw DecodeError("YBR is decoded with 8 bits only");
  if (layout.ybr) samples.convertTo(samples, CV_8U);
  into.create(samples.size(), samples.type());
  if (layout.ybr) return ybr_to_bgr(samples, into);
  samples.depth() == CV_8U ? swap_order<std::uint8_t>(samples, into) : swap_order<std::uint16_t>(samples, into);
}

void colors_of_palette(const Header& header, const SampleLayout& layout, const cv::Mat& indices, cv::Mat& into) {
  const bool bytes = header.palette[0].bits == 8;
  const Unsigned how = unsigned_of(layout, header.is_signed);
  into.create(indices.size(), bytes ? CV_8UC3 : CV_16UC3);
  bytes ? look_up_colors<std::uint8_t>(header.palette, how, indices, into)
        : look_up_colors<std::uint16_t>(header.palette, how, indices, into);
}

}  // namespace conveyor::dicom
