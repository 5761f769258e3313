#include <libdeflate.h>

#include <array>
#include <memory>
#include <new>

#include "codec/zlib_engine.h"

namespace conveyor::codec {
namespace {

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const noexcept { libdeflate_free_compressor(compressor); }
};
struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const noexcept { libdeflate_free_decompressor(decompressor); }
};

// libdeflate's states are not thread safe, and setting one up writes 60 KB to 1 MB. Each thread keeps its own, one per
// level.
libdeflate_compressor* compressor_of_this_thread(int level) {
  thread_local std::array<std::unique_ptr<libdeflate_compressor, FreeCompressor>, 13> compressors;
  auto& compressor = compressors.at(static_cast<std::size_t>(level));
  if (!compressor) compressor.reset(libdeflate_alloc_compressor(level));
  if (!compressor) throw std::bad_alloc();
  return compressor.get();
}

libdeflate_decompressor* decompressor_of_this_thread() {
  thread_local std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor;
  if (!decompressor) decompressor.reset(libdeflate_alloc_decompressor());
  if (!decompressor) throw std::bad_alloc();
  return decompressor.get();
}

}  // namespace

// Null instead of a compressor asks for the bound of all levels.
std::size_t LibdeflateEngine::deflate_bound(std::size_t size) noexcept {
  return libdeflate_zlib_compress_bound(nullptr, size);
}

std::size_t LibdeflateEngine::deflate(std::string_view bytes, int level, char* out, std::size_t room) {
  return libdeflate_zlib_compress(compressor_of_this_thread(level), bytes.data(), bytes.size(), out, room);
}

InflateAttempt LibdeflateEngine::inflate(Wrapping wrapping, std::string_view bytes, char* out, std::size_t room) {
  const auto decompress =
      wrapping == Wrapping::kZlib ? &libdeflate_zlib_decompress_ex : &libdeflate_deflate_decompress_ex;
  InflateAttempt attempt;
  switch (
      decompress(decompressor_of_this_thread(), bytes.data(), bytes.size(), out, room, &attempt.used, &attempt.size)) {
    case LIBDEFLATE_SUCCESS:
      attempt.end = InflateAttempt::End::kWhole;
      break;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      attempt.end = InflateAttempt::End::kNoRoom;
      break;
    default:
      attempt.end = InflateAttempt::End::kCorrupt;
  }
  return attempt;
}

}  // namespace conveyor::codec
