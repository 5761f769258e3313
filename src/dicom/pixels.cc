#include "dicom/pixels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include "codec/deflate.h"
#include "conveyor/error.h"
#include "dicom/fragments.h"
#include "dicom/streams.h"

namespace conveyor::dicom {
namespace {

std::size_t pixels_of(const Header& header) {
  return static_cast<std::size_t>(header.width) * static_cast<std::size_t>(header.height);
}

/// The number of bits that a frame takes in native pixel data.
std::size_t native_bits(const Header& header) {
  // Two pixels share their chrominances: Y Y Cb Cr.
  if (header.photometric == Photometric::kYbrFull422) return pixels_of(header) * 16;
  return pixels_of(header) * static_cast<std::size_t>(header.samples * header.bits_allocated);
}

void unpack_bits(std::string_view bytes, std::size_t first, cv::Mat& into) {
  for (std::size_t i = 0; i < into.total(); ++i) {
    const std::size_t bit = first + i;
    into.data[i] = static_cast<unsigned char>(bytes[bit / 8]) >> bit % 8 & 1;
  }
}

void expand_422(const unsigned char* from, cv::Mat& into) {
  for (std::size_t pair = 0; pair < into.total() / 2; ++pair, from += 4) {
    unsigned char* to = into.data + 6 * pair;
    to[0] = from[0];
    to[3] = from[1];
    to[1] = to[4] = from[2];
    to[2] = to[5] = from[3];
  }
}

template <class T>
void interleave(cv::Mat& planes) {
  const cv::Mat from = planes.clone();
  const std::size_t pixels = planes.total();
  const T* in = from.ptr<T>();
  T* out = planes.ptr<T>();
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) out[3 * i + c] = in[c * pixels + i];
  }
}

void swap_bytes(unsigned char* bytes, std::size_t size) {
  for (std::size_t i = 0; i + 1 < size; i += 2) std::swap(bytes[i], bytes[i + 1]);
}

/// The bytes of a frame in little endian order. 8 bit samples in 16 bit words (OW) are swapped too.
std::string_view in_our_order(const Header& header, std::string_view all, std::size_t begin, std::size_t size,
                              std::string& memory) {
  const bool words = header.bits_allocated == 16 || header.pixel_data.vr == "OW";
  if (!header.syntax.big_endian || !words) return all.substr(begin, size);
  const std::size_t skip = begin % 2;
  memory.assign(all.substr(begin - skip, size + skip + 1));
  memory.resize(memory.size() + memory.size() % 2);
  swap_bytes(reinterpret_cast<unsigned char*>(memory.data()), memory.size());
  return std::string_view(memory).substr(skip, size);
}

void create_native(const Header& header, cv::Mat& into) {
  into.create(header.height, header.width, CV_MAKETYPE(header.bits_allocated == 16 ? CV_16U : CV_8U, header.samples));
}

/// Unpacks the bytes of one frame, in little endian order, into samples.
void unpack_bytes(const Header& header, std::string_view bytes, cv::Mat& into) {
  create_native(header, into);
  if (header.photometric == Photometric::kYbrFull422) {
    return expand_422(reinterpret_cast<const unsigned char*>(bytes.data()), into);
  }
  std::memcpy(into.data, bytes.data(), into.total() * into.elemSize());
  if (header.samples == 3 && header.planar) interleave_planes(into);
}

void read_native(const Header& header, int frame, cv::Mat& into) {
  const Element& data = header.pixel_data;
  if (data.undefined_length) throw DecodeError("its pixel data is encapsulated, its transfer syntax is not");
  const std::size_t bits = native_bits(header);
  const auto index = static_cast<std::size_t>(frame);
  const std::size_t needed = (bits * static_cast<std::size_t>(header.frames) + 7) / 8;
  if (data.value.size() < needed) {
    throw DecodeError(
        fmt::format("its pixel data has {} bytes; {} x {} pixels, {} sample{} of {} bit, {} frame{}, are {}",
                    data.value.size(), header.width, header.height, header.samples, header.samples == 1 ? "" : "s",
                    header.bits_allocated, header.frames, header.frames == 1 ? "" : "s", needed));
  }
  std::string memory;
  if (header.bits_allocated == 1) {  // frames follow each other without padding
    create_native(header, into);
    return unpack_bits(in_our_order(header, data.value, 0, needed, memory), bits * index, into);
  }
  unpack_bytes(header, in_our_order(header, data.value, bits / 8 * index, bits / 8, memory), into);
}

/// A frame that is a deflate stream (RFC 1951) of native pixels (PS3.5, annex A.4.13).
void read_deflated(const Header& header, std::string_view stream, cv::Mat& into) {
  const std::size_t needed = (native_bits(header) + 7) / 8;
  codec::Scratch scratch;
  const codec::Inflated inflated = codec::inflate_raw(stream, needed + 1, scratch);  // + 1: padding to an even length
  if (inflated.error || inflated.bytes.size() < needed) {
    throw DecodeError(fmt::format("its deflated frame is corrupt, or not of {} bytes", needed));
  }
  if (header.bits_allocated != 1) return unpack_bytes(header, inflated.bytes, into);
  create_native(header, into);
  unpack_bits(inflated.bytes, 0, into);
}

/// Whether the value of a sample of `bits` bits fits into `stored` bits.
bool fits(std::uint32_t sample, int bits, int stored, bool is_signed) {
  if (sample >> stored == 0) return true;
  const std::uint32_t signs = (1U << (bits - stored + 1)) - 1;
  return is_signed && (sample >> (stored - 1) & signs) == signs;
}

template <class T>
void check_fits(const Header& header, int bits, const cv::Mat& samples) {
  const T* const first = samples.ptr<T>();
  const T* const end = first + samples.total() * static_cast<std::size_t>(samples.channels());
  const auto fit = [&](T sample) { return fits(sample, bits, header.bits_stored, header.is_signed); };
  if (!std::all_of(first, end, fit)) {
    throw DecodeError(
        fmt::format("its compressed samples have {} bits, and values that the {} bits which it says are "
                    "stored cannot hold",
                    bits, header.bits_stored));
  }
}

/// Widens samples of fewer bits than the file says are stored, with their sign.
void widen(const Header& header, int bits, cv::Mat& samples) {
  const std::uint32_t mask = (1U << bits) - 1;
  const std::uint32_t sign = header.is_signed ? 1U << (bits - 1) : 0;
  const auto each = [&](auto* sample) {
    auto* const end = sample + samples.total() * static_cast<std::size_t>(samples.channels());
    for (; sample != end; ++sample) {
      *sample = static_cast<std::remove_reference_t<decltype(*sample)>>(((*sample & mask) ^ sign) - sign);
    }
  };
  samples.depth() == CV_8U ? each(samples.ptr<std::uint8_t>()) : each(samples.ptr<std::uint16_t>());
}

/// How the samples of a compressed stream lie. The stream's own number of bits may differ from what the file says is
/// stored.
SampleLayout layout_of(const Header& header, const StreamHeader& stream, cv::Mat& samples) {
  if (samples.depth() == CV_8U && header.bits_allocated == 16) samples.convertTo(samples, CV_16U);
  const int shift = header.high_bit + 1 - header.bits_stored;
  if (shift > 0 && stream.precision == header.high_bit + 1) return {.bits = header.bits_stored, .shift = shift};
  if (header.packing == Packing::kJpeg) {
    // Lossless encoders often write 16 bits, whatever is stored.
    if (stream.precision > header.bits_stored) {
      samples.depth() == CV_8U ? check_fits<std::uint8_t>(header, stream.precision, samples)
                               : check_fits<std::uint16_t>(header, stream.precision, samples);
    }
    return {.bits = header.bits_stored};
  }
  // JPEG 2000 and JPEG-LS streams are taken at their word.
  if (stream.precision >= header.bits_stored) return {.bits = stream.precision};
  widen(header, stream.precision, samples);
  return {.bits = header.bits_stored};
}

SampleLayout decode_stream(const Header& header, std::string_view stream, cv::Mat& into) {
  StreamHeader own;
  switch (header.packing) {
    case Packing::kJpegLs:
      own = decode_jpeg_ls(header, stream, into);
      break;
    case Packing::kJpeg2000:
      own = decode_jpeg2000(header, stream, into);
      break;
    default:
      own = decode_jpeg(header, stream, into);
      break;
  }
  SampleLayout layout = layout_of(header, own, into);
  // The JPEG 2000 decoder undoes the stream's own colour transformation. Without one, the samples are as they were
  // encoded.
  layout.ybr = is_ybr(header.photometric) && !own.transforms_colors;
  return layout;
}

}  // namespace

SampleLayout read_samples(const Header& header, int frame, cv::Mat& into) {
  const SampleLayout stored{
      .bits = header.bits_stored, .shift = header.high_bit + 1 - header.bits_stored, .ybr = is_ybr(header.photometric)};
  if (header.packing == Packing::kNative) {
    read_native(header, frame, into);
    return stored;
  }
  std::string memory;
  const std::string_view stream = frame_stream(header, frame, memory);
  if (header.packing == Packing::kRle) {
    decode_rle(header, stream, into);
    return stored;
  }
  if (header.packing == Packing::kDeflated) {
    read_deflated(header, stream, into);
    return stored;
  }
  return decode_stream(header, stream, into);
}

void interleave_planes(cv::Mat& samples) {
  samples.depth() == CV_16U ? interleave<std::uint16_t>(samples) : interleave<std::uint8_t>(samples);
}

}  // namespace conveyor::dicom
