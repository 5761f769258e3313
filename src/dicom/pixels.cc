#include "dicom/pixels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/error.h"
#include "dicom/streams.h"

namespace conveyor::dicom {
namespace {

std::size_t pixels_of(const Header& header) {
  return static_cast<std::size_t>(header.width) * static_cast<std::size_t>(header.height);
}

/// Bits of a frame in native pixel data.
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

/// Bytes of a frame as a little endian machine has them. 8 bit samples in 16 bit words (OW) are swapped too.
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
  into.create(header.height, header.width, CV_MAKETYPE(header.bits_allocated == 16 ? CV_16U : CV_8U, header.samples));
  std::string memory;
  if (header.bits_allocated == 1) {
    const std::string_view all = in_our_order(header, data.value, 0, needed, memory);
    return unpack_bits(all, bits * index, into);
  }
  const std::string_view bytes = in_our_order(header, data.value, bits / 8 * index, bits / 8, memory);
  if (header.photometric == Photometric::kYbrFull422) {
    return expand_422(reinterpret_cast<const unsigned char*>(bytes.data()), into);
  }
  std::memcpy(into.data, bytes.data(), bytes.size());
  if (header.samples == 3 && header.planar) interleave_planes(into);
}

/// The fragments of one frame, put together (PS3.5, annex A.4).
std::string_view frame_stream(const Header& header, int frame, std::string& memory) {
  std::string_view offsets;
  std::vector<std::string_view> fragments;
  bool first = true;
  if (!header.pixel_data.undefined_length) throw DecodeError("its pixel data is not encapsulated");
  DatasetReader(header.pixel_data.value, header.syntax).for_each_item([&](std::string_view item) {
    if (!std::exchange(first, false)) {
      fragments.push_back(item);
    } else {
      offsets = item;
    }
    return true;
  });
  const auto frames = static_cast<std::size_t>(header.frames);
  const auto index = static_cast<std::size_t>(frame);
  std::size_t begin = 0;
  std::size_t end = fragments.size();
  if (frames > 1 && fragments.size() == frames) {
    begin = index;
    end = index + 1;
  } else if (frames > 1) {
    if (offsets.size() != 4 * frames) {
      throw DecodeError(
          fmt::format("its {} frames lie in {} fragments without a table that says how", frames, fragments.size()));
    }
    // The table counts from the first fragment's item, whose tag and length have 8 bytes.
    const auto fragment_at = [&](std::size_t offset) {
      const auto found = std::find_if(fragments.begin(), fragments.end(), [&](std::string_view fragment) {
        return static_cast<std::size_t>(fragment.data() - fragments[0].data()) == offset;
      });
      if (found == fragments.end()) throw DecodeError("its table of frames names places where no fragment begins");
      return static_cast<std::size_t>(found - fragments.begin());
    };
    begin = fragment_at(read_number(offsets, 4 * index, 4, false));
    if (index + 1 < frames) end = fragment_at(read_number(offsets, 4 * index + 4, 4, false));
  }
  if (begin >= end) throw DecodeError(fmt::format("its frame {} has no pixel data", frame));
  if (end - begin == 1) return fragments[begin];
  for (std::size_t i = begin; i < end; ++i) memory.append(fragments[i]);
  return memory;
}

}  // namespace

void read_samples(const Header& header, int frame, cv::Mat& into, bool& ybr) {
  ybr = header.photometric == Photometric::kYbrFull || header.photometric == Photometric::kYbrFull422;
  if (header.packing == Packing::kNative) return read_native(header, frame, into);
  std::string memory;
  const std::string_view stream = frame_stream(header, frame, memory);
  switch (header.packing) {
    case Packing::kRle:
      return decode_rle(header, stream, into);
    case Packing::kJpegLs:
      decode_jpeg_ls(header, stream, into);
      break;
    case Packing::kJpeg2000:
      decode_jpeg2000(header, stream, into);
      ybr = false;  // it undoes its own transformation of colours
      break;
    default:
      decode_jpeg(header, stream, into);
      break;
  }
  if (into.depth() == CV_8U && header.bits_allocated == 16) into.convertTo(into, CV_16U);
}

void interleave_planes(cv::Mat& samples) {
  samples.depth() == CV_16U ? interleave<std::uint16_t>(samples) : interleave<std::uint8_t>(samples);
}

}  // namespace conveyor::dicom
