#include "codec/zlib.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

namespace conveyor::codec {
namespace {

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const noexcept { libdeflate_free_compressor(compressor); }
};
struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const noexcept { libdeflate_free_decompressor(decompressor); }
};

// libdeflate's states are not thread safe and cost 60 KB to 1 MB to set up: one per thread and level.
libdeflate_compressor* compressor_of_this_thread(int level) {
  thread_local std::array<std::unique_ptr<libdeflate_compressor, FreeCompressor>, 13> compressors;
  auto& compressor = compressors.at(static_cast<std::size_t>(level));
  if (!compressor) compressor.reset(libdeflate_alloc_compressor(level));
  if (!compressor) throw std::bad_alloc();
  return compressor.get();
}

libdeflate_decompressor* decompressor_of_this_thread() {
  thread_local std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor{libdeflate_alloc_decompressor()};
  if (!decompressor) throw std::bad_alloc();
  return decompressor.get();
}

}  // namespace

std::size_t deflate_bound(std::size_t size, int level) {
  return libdeflate_zlib_compress_bound(compressor_of_this_thread(level), size);
}

std::size_t deflate(std::string_view bytes, int level, char* out, std::size_t room) {
  return libdeflate_zlib_compress(compressor_of_this_thread(level), bytes.data(), bytes.size(), out, room);
}

Inflated inflate(std::string_view stream, std::size_t limit, std::size_t expected, Scratch& scratch) {
  constexpr std::size_t kLargestRatio = 1032;
  if (stream.empty()) return {.error = InflateError::kCorrupt};

  const std::size_t possible =
      stream.size() > limit / kLargestRatio ? limit : std::min(limit, stream.size() * kLargestRatio);
  // What the last messages needed is the best guess; a wrong one costs another pass over the input.
  std::size_t room = std::min(possible, std::max({scratch.capacity(), expected, stream.size() * 4, kSmallestRoom}));
  auto* decompressor = decompressor_of_this_thread();
  while (true) {
    char* out = scratch.reserve(std::max<std::size_t>(room, 1));
    std::size_t used = 0;
    std::size_t size = 0;
    const auto result =
        libdeflate_zlib_decompress_ex(decompressor, stream.data(), stream.size(), out, room, &used, &size);
    if (result == LIBDEFLATE_SUCCESS) {
      if (used != stream.size()) return {.error = InflateError::kTrailing};
      return {.bytes = {out, size}};
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE) return {.error = InflateError::kCorrupt};
    if (room >= possible) return {.error = possible == limit ? InflateError::kTooLarge : InflateError::kCorrupt};
    room = room > possible / 2 ? possible : room * 2;
  }
}

}  // namespace conveyor::codec
