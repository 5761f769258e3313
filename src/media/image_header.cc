#include "media/image_header.h"

#include <fmt/format.h>

#include "conveyor/error.h"

namespace conveyor::media {
namespace {

std::uint32_t big_endian(std::string_view bytes, std::size_t at, int size) {
  std::uint32_t value = 0;
  for (int i = 0; i < size; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  }
  return value;
}

// Markers of a JPEG (T.81, table B.1).
constexpr std::uint32_t kTemporary = 0x01;
constexpr std::uint32_t kFirstRestart = 0xd0;
constexpr std::uint32_t kLastRestart = 0xd7;
constexpr std::uint32_t kEnd = 0xd9;
constexpr std::uint32_t kScan = 0xda;

bool is_frame(std::uint32_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/// Where the next marker begins that does not belong to a scan's data. Anything else is skipped, as decoders do.
/// @throws DecodeError when there is none
std::size_t find_marker(std::string_view bytes, std::size_t at) {
  for (; (at = bytes.find('\xff', at)) != bytes.npos && at + 1 < bytes.size(); ++at) {
    const std::uint32_t marker = big_endian(bytes, at + 1, 1);
    const bool alone = marker == kTemporary || (marker >= kFirstRestart && marker <= kLastRestart);
    if (marker != 0 && marker != 0xff && !alone) return at;
  }
  throw DecodeError("the JPEG is cut short");
}

}  // namespace

ImageHeader read_png_header(std::string_view bytes) {
  constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
  constexpr std::size_t kAround = 12;  // length, type and checksum of a chunk
  if (bytes.substr(0, kSignature.size()) != kSignature) throw DecodeError("its bytes are not a PNG");
  ImageHeader header;
  for (std::size_t at = kSignature.size(); bytes.size() - at >= kAround;) {
    const std::size_t length = big_endian(bytes, at, 4);
    const std::string_view type = bytes.substr(at + 4, 4);
    if (length > bytes.size() - at - kAround) break;
    if (at == kSignature.size()) {
      if (type != "IHDR" || length != 13) throw DecodeError("the PNG does not begin with its header");
      header = {.width = big_endian(bytes, at + 8, 4), .height = big_endian(bytes, at + 12, 4)};
    }
    at += kAround + length;
    header.bytes = at;
    if (type == "IEND") return header;
  }
  throw DecodeError("the PNG is cut short");
}

ImageHeader read_jpeg_header(std::string_view bytes) {
  // Each scan of a progressive JPEG takes as long as a whole picture, however few bytes it has. Real ones have about
  // ten.
  constexpr int kMostScans = 64;
  // The third byte too: without it OpenCV would take the bytes for another format.
  if (bytes.substr(0, 3) != "\xff\xd8\xff") throw DecodeError("its bytes are not a JPEG");
  ImageHeader header;
  bool framed = false;
  int scans = 0;
  for (std::size_t at = 2;;) {
    at = find_marker(bytes, at);
    const std::uint32_t marker = big_endian(bytes, at + 1, 1);
    if (!framed && (marker == kScan || marker == kEnd)) throw DecodeError("the JPEG has no frame header");
    if (marker == kEnd) {
      header.bytes = at + 2;
      return header;
    }
    if (bytes.size() - at < 4) throw DecodeError("the JPEG is cut short");
    const std::size_t length = big_endian(bytes, at + 2, 2);
    if (length > bytes.size() - at - 2) throw DecodeError("the JPEG is cut short");
    if (length < 2 || (is_frame(marker) && length < 8)) throw DecodeError("a segment of the JPEG is too short");
    if (is_frame(marker) && !framed) {
      header.width = big_endian(bytes, at + 7, 2);
      header.height = big_endian(bytes, at + 5, 2);
      framed = true;
    }
    if (marker == kScan && ++scans > kMostScans) {
      throw DecodeError(fmt::format("the JPEG has more than {} scans", kMostScans));
    }
    at += 2 + length;
  }
}

}  // namespace conveyor::media
