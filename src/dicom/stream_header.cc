#include "dicom/stream_header.h"

#include <fmt/format.h>

#include "conveyor/error.h"
#include "dicom/dataset.h"

namespace conveyor::dicom {
namespace {

std::uint32_t big_endian(std::string_view bytes, std::size_t at, int size) {
  return read_number(bytes, at, size, true);
}

bool is_frame_header(std::uint32_t marker) {
  const bool jpeg = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  return jpeg || marker == 0xf7;
}

/// The codestream in a JP2 file: the contents of its box jp2c (T.800, annex I).
std::string_view codestream_of(std::string_view file) {
  for (std::size_t at = 0; file.size() - at >= 8;) {
    const std::size_t length = big_endian(file, at, 4);
    const bool last = length == 0;
    if (file.substr(at + 4, 4) == "jp2c") return file.substr(at + 8, last ? file.npos : length - 8);
    if (last || length < 8 || length > file.size() - at) break;
    at += length;
  }
  throw DecodeError("the JP2 file has no codestream");
}

}  // namespace

StreamHeader read_jpeg_stream(std::string_view bytes) {
  if (bytes.substr(0, 2) != "\xff\xd8") throw DecodeError("its compressed pixels are not a JPEG");
  StreamHeader header;
  for (std::size_t at = 2; at + 4 <= bytes.size();) {
    if (bytes[at] != '\xff') break;
    const std::uint32_t marker = big_endian(bytes, at + 1, 1);
    if (marker == 0xff) {  // fill bytes may stand before a marker
      ++at;
      continue;
    }
    const std::size_t length = big_endian(bytes, at + 2, 2);
    if (length < 2 || length > bytes.size() - at - 2) break;
    if (is_frame_header(marker)) {
      if (length < 8 || header.components != 0) break;
      header.precision = static_cast<int>(big_endian(bytes, at + 4, 1));
      header.height = big_endian(bytes, at + 5, 2);
      header.width = big_endian(bytes, at + 7, 2);
      header.components = static_cast<int>(big_endian(bytes, at + 9, 1));
      if (header.components == 0) break;
    }
    if (marker == 0xda) {
      if (header.components == 0) break;
      return header;
    }
    at += 2 + length;
  }
  throw DecodeError("the JPEG in it has no frame header, or two, or no scan");
}

StreamHeader read_jpeg2000_stream(std::string_view& bytes) {
  constexpr std::size_t kComponents = 42;  // where they begin
  constexpr std::string_view kFileSignature("\0\0\0\x0cjP  ", 8);
  if (bytes.substr(0, 8) == kFileSignature) bytes = codestream_of(bytes);
  if (bytes.substr(0, 4) != "\xff\x4f\xff\x51" || bytes.size() < kComponents) {
    throw DecodeError("its compressed pixels are not JPEG 2000");
  }
  const auto size = [&](std::size_t at) -> std::int64_t { return big_endian(bytes, at, 4); };
  StreamHeader header;
  header.width = size(8) - size(16);
  header.height = size(12) - size(20);
  header.components = static_cast<int>(big_endian(bytes, 40, 2));
  if (header.components < 1 || header.components > 4 ||
      bytes.size() < kComponents + 3 * static_cast<std::size_t>(header.components)) {
    throw DecodeError(fmt::format("the JPEG 2000 in it has {} components", header.components));
  }
  for (int i = 0; i < header.components; ++i) {
    const std::size_t at = kComponents + 3 * static_cast<std::size_t>(i);
    const int precision = static_cast<int>(big_endian(bytes, at, 1) & 0x7f) + 1;
    if (i > 0 && precision != header.precision) throw DecodeError("the components of the JPEG 2000 in it differ");
    header.precision = precision;
    if (bytes[at + 1] != 1 || bytes[at + 2] != 1)
      throw DecodeError("the JPEG 2000 in it has components of other sizes");
  }
  // Each tile costs kilobytes, whatever its size.
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

}  // namespace conveyor::dicom
