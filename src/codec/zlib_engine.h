#ifndef CONVEYOR_SRC_CODEC_ZLIB_ENGINE_H_
#define CONVEYOR_SRC_CODEC_ZLIB_ENGINE_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string_view>

#include "codec/deflate.h"
#include "codec/scratch.h"

namespace conveyor::codec {

/// What a stream is wrapped in.
enum class Wrapping {
  kZlib,  ///< header and Adler-32 (RFC 1950)
  kNone,  ///< nothing (RFC 1951)
};

/// How far an engine came with a stream in the room that it had.
struct InflateAttempt {
  enum class End {
    kWhole,
    kNoRoom,   ///< more than `room` bytes come out
    kCorrupt,  ///< or truncated
  };
  End end = End::kCorrupt;
  std::size_t used = 0;  ///< bytes up to the stream's end, if it is whole
  std::size_t size = 0;  ///< bytes written, if it is whole
};

/// A library that compresses and inflates. A build has one, behind codec/deflate.h; that is why its functions are not
/// virtual. deflate_bound() and deflate() are as those of codec/deflate.h. inflate() inflates the stream that the bytes
/// begin with, and throws std::bad_alloc.
///
/// Engines agree on whole streams, on truncated ones, on bytes that follow, on wrong checksums and on preset
/// dictionaries, which both refuse. They differ in three points:
/// - Whatever zlib reads, libdeflate reads to the same bytes. libdeflate reads more: as long as the checksum is right,
///   it accepts Huffman codes that break RFC 1951 (an incomplete code, a symbol without a meaning, more than 286 lengths
///   or 30 distances, more repetitions than lengths). No compressor writes those, but a flipped bit may make one.
/// - Where a stream is both damaged and too large, one may report the damage and the other the size.
/// - They write different streams, which also change from version to version.
///
/// Thread safety: called from any thread; engines keep their states per thread.
template <class Engine>
concept DeflateEngine = requires(const Engine& engine, std::string_view bytes, char* out, std::size_t size) {
  { engine.deflate_bound(size) } -> std::same_as<std::size_t>;
  { engine.deflate(bytes, 1, out, size) } -> std::same_as<std::size_t>;
  { engine.inflate(Wrapping::kZlib, bytes, out, size) } -> std::same_as<InflateAttempt>;
};

/// Each is in a file of its own, which is compiled where its library is there.
struct LibdeflateEngine {
  [[nodiscard]] static std::size_t deflate_bound(std::size_t size) noexcept;
  [[nodiscard]] static std::size_t deflate(std::string_view bytes, int level, char* out, std::size_t room);
  [[nodiscard]] static InflateAttempt inflate(Wrapping wrapping, std::string_view bytes, char* out, std::size_t room);
};

/// zlib takes at most 2 GiB to compress and 4 GiB to inflate; protobuf and Kafka both end at 2 GiB.
struct ZlibEngine {
  [[nodiscard]] static std::size_t deflate_bound(std::size_t size) noexcept;
  [[nodiscard]] static std::size_t deflate(std::string_view bytes, int level, char* out, std::size_t room);
  [[nodiscard]] static InflateAttempt inflate(Wrapping wrapping, std::string_view bytes, char* out, std::size_t room);
};

struct InflatedStream {
  InflateAttempt attempt = {};  ///< the last one
  Inflated inflated = {};
};

/// Inflates in more and more room, as codec/deflate.h says of inflate(); what follows the stream is left.
template <DeflateEngine Engine>
[[nodiscard]] InflatedStream inflate_growing(const Engine& engine, Wrapping wrapping, std::string_view stream,
                                             std::size_t limit, std::size_t expected, Scratch& scratch) {
  const std::size_t possible =
      stream.size() > limit / kLargestRatio ? limit : std::min(limit, stream.size() * kLargestRatio);
  // To use all the memory that is there costs nothing, and the last messages needed as much.
  std::size_t room = std::max({expected != 0 ? expected : stream.size() * 4, scratch.capacity(), kSmallestRoom});
  room = std::min(room, possible);
  while (true) {
    char* out = scratch.reserve(std::max<std::size_t>(room, 1));
    const InflateAttempt attempt = engine.inflate(wrapping, stream, out, room);
    switch (attempt.end) {
      case InflateAttempt::End::kWhole:
        return {attempt, {.bytes = {out, attempt.size}}};
      case InflateAttempt::End::kCorrupt:
        return {attempt, {.error = InflateError::kCorrupt}};
      case InflateAttempt::End::kNoRoom:
        break;
    }
    if (room >= possible) {
      return {attempt, {.error = possible == limit ? InflateError::kTooLarge : InflateError::kCorrupt}};
    }
    room = room > possible / 2 ? possible : room * 2;
  }
}

/// codec/deflate.h's inflate(), by one engine.
template <DeflateEngine Engine>
[[nodiscard]] Inflated inflate_by(const Engine& engine, std::string_view stream, std::size_t limit,
                                  std::size_t expected, Scratch& scratch) {
  const auto [attempt, inflated] = inflate_growing(engine, Wrapping::kZlib, stream, limit, expected, scratch);
  if (!inflated.error && attempt.used != stream.size()) return {.error = InflateError::kTrailing};
  return inflated;
}

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_ZLIB_ENGINE_H_
