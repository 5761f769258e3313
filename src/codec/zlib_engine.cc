#include "codec/zlib_engine.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>

namespace conveyor::codec {
namespace {

// zlib's interface takes what it only reads as not const.
Bytef* bytes_of(const char* bytes) { return reinterpret_cast<Bytef*>(const_cast<char*>(bytes)); }

// zlib counts in 32 bits.
uInt at_most_4_gib(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

struct EndDeflating {
  void operator()(z_stream* stream) const noexcept {
    deflateEnd(stream);
    delete stream;
  }
};
struct EndInflating {
  void operator()(z_stream* stream) const noexcept {
    inflateEnd(stream);
    delete stream;
  }
};
using Deflating = std::unique_ptr<z_stream, EndDeflating>;
using Inflating = std::unique_ptr<z_stream, EndInflating>;

// A state takes 7 KB to inflate and 260 KB to deflate. Each thread keeps its own, one per level to deflate, and resets it
// for each stream.
z_stream& deflating_on_this_thread(int level) {
  thread_local std::array<Deflating, Z_BEST_COMPRESSION + 1> streams;
  auto& stream = streams.at(static_cast<std::size_t>(std::min(level, Z_BEST_COMPRESSION)));
  if (stream) {
    deflateReset(stream.get());
    return *stream;
  }
  auto made = std::make_unique<z_stream>();
  if (deflateInit(made.get(), std::min(level, Z_BEST_COMPRESSION)) != Z_OK) throw std::bad_alloc();
  stream.reset(made.release());
  return *stream;
}

z_stream& inflating_on_this_thread(Wrapping wrapping) {
  thread_local std::array<Inflating, 2> streams;
  const bool wrapped = wrapping == Wrapping::kZlib;
  auto& stream = streams[wrapped ? 1 : 0];
  if (stream) {
    inflateReset(stream.get());
    return *stream;
  }
  auto made = std::make_unique<z_stream>();
  if (inflateInit2(made.get(), wrapped ? MAX_WBITS : -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  stream.reset(made.release());
  return *stream;
}

}  // namespace

// What compressBound() says of compress() holds for the default window and memory, which are ours.
std::size_t ZlibEngine::deflate_bound(std::size_t size) noexcept { return compressBound(size); }

std::size_t ZlibEngine::deflate(std::string_view bytes, int level, char* out, std::size_t room) {
  if (bytes.size() > std::numeric_limits<std::int32_t>::max()) {
    throw std::length_error("zlib takes at most 2 GiB to compress");
  }
  z_stream& stream = deflating_on_this_thread(level);
  stream.next_in = bytes_of(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = bytes_of(out);
  stream.avail_out = at_most_4_gib(room);
  return ::deflate(&stream, Z_FINISH) == Z_STREAM_END ? stream.total_out : 0;
}

InflateAttempt ZlibEngine::inflate(Wrapping wrapping, std::string_view bytes, char* out, std::size_t room) {
  using enum InflateAttempt::End;
  z_stream& stream = inflating_on_this_thread(wrapping);
  stream.next_in = bytes_of(bytes.data());
  stream.avail_in = at_most_4_gib(bytes.size());
  stream.next_out = bytes_of(out);
  stream.avail_out = at_most_4_gib(room);
  // With Z_FINISH zlib keeps no window of its own: all that it wrote lies in `out`.
  const int result = ::inflate(&stream, Z_FINISH);
  if (result == Z_STREAM_END) return {.end = kWhole, .used = stream.total_in, .size = stream.total_out};
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  // zlib reads the checksum last. So a stream that was read up to its end without being whole is truncated, however
  // little room there was.
  const bool truncated = wrapping == Wrapping::kZlib && stream.avail_in == 0;
  const bool full = result == Z_BUF_ERROR && stream.avail_out == 0;
  return {.end = full && !truncated ? kNoRoom : kCorrupt};
}

}  // namespace conveyor::codec
