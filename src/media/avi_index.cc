#include "media/avi_index.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor::media {
namespace {

constexpr int kMostChunks = 1'000;  // in one list that is no list of frames

struct Chunk {
  std::string name = {};  ///< of a list, its type
  std::uint32_t size = 0;
  std::istream::pos_type begin = 0;  ///< of a list, behind its type
};

/// Little-endian. @return nothing at the end of the file
std::optional<std::uint32_t> number(std::istream& file) {
  std::array<unsigned char, 4> bytes{};
  if (!file.read(reinterpret_cast<char*>(bytes.data()), bytes.size())) return {};
  return static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8 |
         static_cast<std::uint32_t>(bytes[2]) << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
}

std::string name(std::istream& file) {
  std::string letters(4, '\0');
  return file.read(letters.data(), 4) ? letters : std::string();
}

/// Calls each(chunk) for the chunks in the next `size` bytes, until that returns false.
template <class Each>
void for_each_chunk(std::istream& file, std::uint64_t size, Each&& each) {
  for (int i = 0; i < kMostChunks && size >= 8; ++i) {
    Chunk chunk{.name = name(file)};
    const auto content = number(file);
    if (!content) return;
    const std::uint64_t padded = std::uint64_t{*content} + *content % 2;
    const auto next = file.tellg() + static_cast<std::streamoff>(padded);
    chunk.size = *content;
    if ((chunk.name == "LIST" || chunk.name == "RIFF") && chunk.size >= 4) {
      chunk.name = name(file);
      chunk.size -= 4;
    }
    chunk.begin = file.tellg();
    if (!file || !each(chunk) || padded > size - 8) return;
    size -= 8 + padded;
    file.clear();
    file.seekg(next);
  }
}

/// The two digits with which the chunk ids of the first video stream begin.
std::string video_digits(std::istream& file, const Chunk& headers) {
  int stream = 0;
  std::string digits;
  for_each_chunk(file, headers.size, [&](const Chunk& list) {
    if (list.name != "strl") return true;
    bool is_video = false;
    for_each_chunk(file, list.size, [&](const Chunk& header) {
      if (header.name == "strh") is_video = name(file) == "vids";
      return header.name != "strh";
    });
    if (is_video) digits = {static_cast<char>('0' + stream / 10), static_cast<char>('0' + stream % 10)};
    return !is_video && ++stream < 100;
  });
  return digits;
}

}  // namespace

std::int64_t empty_frames(std::istream& file) {
  if (name(file) != "RIFF" || !number(file) || name(file) != "AVI ") return 0;
  std::string digits;
  std::int64_t empty = 0;
  for_each_chunk(file, UINT64_MAX, [&](const Chunk& chunk) {
    if (chunk.name == "hdrl") digits = video_digits(file, chunk);
    if (chunk.name != "idx1" || digits.empty()) return chunk.name != "idx1";
    for (std::uint32_t i = 0; i < chunk.size / 16; ++i) {
      const std::string frame = name(file);
      file.ignore(8);  // flags and place
      const auto size = number(file);
      if (!size) break;
      if (frame.starts_with(digits) && *size == 0) ++empty;
    }
    return false;
  });
  return empty;
}

}  // namespace conveyor::media
