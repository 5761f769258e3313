#include <fmt/format.h>

#include "conveyor/error.h"
#include "dicom/dataset.h"
#include "dicom/streams.h"
#include "vision/image/image_shape.h"

namespace conveyor::dicom {
namespace {

std::uint32_t big_endian(std::string_view bytes, std::size_t at, int size) {
  return read_number(bytes, at, size, true);
}

// Markers of T.81, table B.1.
constexpr std::uint32_t kFirstFrame = 0xc0;  // baseline; then extended, progressive and lossless
constexpr std::uint32_t kLastFrame = 0xc3;
constexpr std::uint32_t kHuffmanTable = 0xc4;
constexpr std::uint32_t kEnd = 0xd9;
constexpr std::uint32_t kScan = 0xda;
constexpr std::uint32_t kQuantization = 0xdb;
constexpr std::uint32_t kRestartInterval = 0xdd;
constexpr std::uint32_t kJfif = 0xe0;
constexpr std::uint32_t kAdobe = 0xee;

/// Where the compressed data that begins at `at` ends: at the next marker that is not a restart marker.
std::size_t end_of_scan(std::string_view bytes, std::size_t at) {
  for (; at + 1 < bytes.size(); ++at) {
    if (bytes[at] != '\xff') continue;
    const std::uint32_t next = big_endian(bytes, at + 1, 1);
    if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw DecodeError("the JPEG in it is cut short");
}

/// Whether an application segment says what the components are (JFIF, Adobe), in a form that GDCM knows.
bool is_known_application(std::uint32_t marker, std::string_view segment) {
  if (marker == kJfif)
    return segment.size() >= 18 && segment.substr(4, 5) == std::string_view("JFIF\0", 5) && segment[9] == 1;
  const bool adobe = marker == kAdobe && segment.size() >= 16 && segment.substr(4, 5) == "Adobe";
  return adobe && (segment[15] == 0 || segment[15] == 1);
}

StreamHeader read_frame(std::string_view segment) {
  if (segment.size() < 10) throw DecodeError("the JPEG in it has a frame header that is cut short");
  return {.width = big_endian(segment, 7, 2),
          .height = big_endian(segment, 5, 2),
          .components = big_endian(segment, 9, 1),
          .precision = static_cast<int>(big_endian(segment, 4, 1)),
          .lossless = big_endian(segment, 1, 1) == kLastFrame};
}

/// The codestream in a JP2 file: the contents of its box jp2c (T.800, annex I).
std::string_view codestream_of(std::string_view file) {
  for (std::size_t at = 0; file.size() - at >= 8;) {
    const std::size_t length = big_endian(file, at, 4);
    const bool last = length == 0;
    if (!last && (length < 8 || length > file.size() - at)) break;
    if (file.substr(at + 4, 4) == "jp2c") return file.substr(at + 8, last ? file.npos : length - 8);
    if (last) break;
    at += length;
  }
  throw DecodeError("the JP2 file in it has no codestream");
}

/// Whether the default coding style (COD: T.800, A.6.1) of a codestream transforms its components.
bool transforms_colors(std::string_view stream) {
  constexpr std::uint32_t kCodingStyle = 0xff52;
  constexpr std::uint32_t kTile = 0xff90;
  constexpr std::size_t kTransformation = 8;  // its offset from the marker
  for (std::size_t at = 2; stream.size() - at > kTransformation;) {
    const std::uint32_t marker = big_endian(stream, at, 2);
    if (marker == kCodingStyle) return stream[at + kTransformation] != 0;
    const std::size_t length = big_endian(stream, at + 2, 2);
    if (marker == kTile || length < 2 || length > stream.size() - at - 2) break;
    at += 2 + length;
  }
  return false;
}

}  // namespace

StreamHeader clean_jpeg(std::string_view stream, std::string& clean) {
  constexpr int kMostScans = 64;  // each takes as long as a whole picture
  if (stream.substr(0, 2) != "\xff\xd8") throw DecodeError("its compressed pixels are not a JPEG");
  StreamHeader header;
  int scans = 0;
  clean = "\xff\xd8";
  for (std::size_t at = 2; at + 2 <= stream.size();) {
    if (stream[at] != '\xff') break;
    const std::uint32_t marker = big_endian(stream, at + 1, 1);
    if (marker == 0xff) {  // fill bytes may precede a marker
      ++at;
      continue;
    }
    if (marker == kEnd) {
      if (scans == 0) break;
      clean += "\xff\xd9";
      return header;
    }
    if (at + 4 > stream.size()) break;
    const std::size_t length = big_endian(stream, at + 2, 2);
    if (length < 2 || length > stream.size() - at - 2) break;
    const std::string_view segment = stream.substr(at, 2 + length);
    at += segment.size();
    if (marker >= kFirstFrame && marker <= kLastFrame) {
      if (header.components != 0) throw DecodeError("the JPEG in it has two frames");
      header = read_frame(segment);
      clean += segment;
    } else if (marker == kScan) {
      if (header.components == 0 || ++scans > kMostScans) break;
      const std::size_t end = end_of_scan(stream, at);
      clean.append(segment).append(stream.substr(at, end - at));
      at = end;
    } else if (marker == kHuffmanTable || marker == kQuantization || marker == kRestartInterval ||
               is_known_application(marker, segment)) {
      clean += segment;
    } else if (marker < 0xdc) {  // a frame of another process, arithmetic coding, a second beginning
      throw DecodeError(fmt::format("the JPEG in it has a marker that is not decoded, ff{:02x}", marker));
    }
  }
  throw DecodeError(fmt::format("the JPEG in it is malformed or cut short after {} scans", scans));
}

StreamHeader read_jpeg2000_header(std::string_view& stream) {
  constexpr std::size_t kComponents = 42;  // where they begin
  constexpr std::string_view kFileSignature("\0\0\0\x0cjP  ", 8);
  if (stream.substr(0, 8) == kFileSignature) stream = codestream_of(stream);
  if (stream.substr(0, 4) != "\xff\x4f\xff\x51" || stream.size() < kComponents) {
    throw DecodeError("its compressed pixels are not JPEG 2000");
  }
  const auto size = [&](std::size_t at) -> std::int64_t { return big_endian(stream, at, 4); };
  StreamHeader header{
      .width = size(8) - size(16), .height = size(12) - size(20), .components = big_endian(stream, 40, 2)};
  if (auto wrong = vision::wrong_dimensions(header.width, header.height); !wrong.empty()) {
    throw DecodeError("of the JPEG 2000 in it, " + wrong);
  }
  if (header.components < 1 || header.components > 4 ||
      stream.size() < kComponents + 3 * static_cast<std::size_t>(header.components)) {
    throw DecodeError(fmt::format("the JPEG 2000 in it has {} components", header.components));
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(header.components); ++i) {
    const std::size_t at = kComponents + 3 * i;
    const int precision = static_cast<int>(big_endian(stream, at, 1) & 0x7f) + 1;
    if (i > 0 && precision != header.precision) throw DecodeError("the components of the JPEG 2000 in it differ");
    header.precision = precision;
    if (stream[at + 1] != 1 || stream[at + 2] != 1) {
      throw DecodeError("the JPEG 2000 in it has components of other sizes");
    }
  }
  header.transforms_colors = transforms_colors(stream);
  // The decoder needs kilobytes for each tile, however small it is.
  constexpr std::int64_t kSmallestTile = 64;
  constexpr std::int64_t kFewTiles = 64;
  const std::int64_t tile_width = size(24);
  const std::int64_t tile_height = size(28);
  if (tile_width == 0 || tile_height == 0) throw DecodeError("the JPEG 2000 in it has tiles of no size");
  const std::int64_t tiles = (size(8) / tile_width + 1) * (size(12) / tile_height + 1);
  if (tiles > kFewTiles + header.width * header.height / (kSmallestTile * kSmallestTile)) {
    throw DecodeError(fmt::format("the JPEG 2000 in it has {} tiles", tiles));
  }
  return header;
}

void create_samples(const Header& header, const StreamHeader& stream, cv::Mat& into) {
  if (stream.width != header.width || stream.height != header.height || stream.components != header.samples) {
    throw DecodeError(fmt::format("it says {} x {} pixels of {} sample{}, its compressed pixels {} x {} of {}",
                                  header.width, header.height, header.samples, header.samples == 1 ? "" : "s",
                                  stream.width, stream.height, stream.components));
  }
  if (stream.precision < 2 || stream.precision > header.bits_allocated) {
    throw DecodeError(fmt::format("its compressed pixels have {} bits a sample, {} are allocated", stream.precision,
                                  header.bits_allocated));
  }
  into.create(header.height, header.width, CV_MAKETYPE(stream.precision <= 8 ? CV_8U : CV_16U, header.samples));
}

}  // namespace conveyor::dicom
