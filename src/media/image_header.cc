#include "media/image_header.h"

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

// Each scan of a progressive JPEG, of which real ones have about ten, costs the time of a whole picture, however few
// bytes it has. Compressed data never looks like the marker; a thumbnail may.
void check_scans(std::string_view bytes) {
  constexpr int kMost = 64;
  int scans = 0;
  for (std::size_t at = 0; (at = bytes.find("\xff\xda", at)) != std::string_view::npos; at += 2) {
    if (++scans > kMost) throw DecodeError("the JPEG has more than 64 scans");
  }
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
      header = {big_endian(bytes, at + 8, 4), big_endian(bytes, at + 12, 4)};
    }
    if (type == "IEND") return header;
    at += kAround + length;
  }
  throw DecodeError("the PNG is cut short");
}

ImageHeader read_jpeg_header(std::string_view bytes) {
  if (bytes.substr(0, 2) != "\xff\xd8") throw DecodeError("its bytes are not a JPEG");
  check_scans(bytes);
  auto end = bytes.size();
  while (end > 0 && bytes[end - 1] == '\0') --end;  // some cameras pad
  if (end < 4 || bytes.substr(end - 2, 2) != "\xff\xd9") throw DecodeError("the JPEG is cut short");

  for (std::size_t at = 2; at + 4 <= end;) {
    if (bytes[at] != '\xff') break;
    const std::uint32_t marker = big_endian(bytes, at + 1, 1);
    if (marker == 0xff) {  // fill bytes may stand before a marker
      ++at;
      continue;
    }
    if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {  // TEM and RSTn stand alone
      at += 2;
      continue;
    }
    if (marker == 0xda || marker == 0xd9) break;  // the scan or the end, before any frame header
    const std::size_t length = big_endian(bytes, at + 2, 2);
    if (length < 2 || length > end - at - 2) break;
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) {
      if (length < 8) break;
      return {big_endian(bytes, at + 7, 2), big_endian(bytes, at + 5, 2)};
    }
    at += 2 + length;
  }
  throw DecodeError("the JPEG has no frame header");
}

}  // namespace conveyor::media
