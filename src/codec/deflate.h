#ifndef CONVEYOR_SRC_CODEC_DEFLATE_H_
#define CONVEYOR_SRC_CODEC_DEFLATE_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "codec/scratch.h"
#include "conveyor/export.h"

/// zlib streams (RFC 1950), by libdeflate or by zlib itself: the build's option CONVEYOR_ZLIB. Each reads what the other
/// writes, and they refuse the same damage, with the exceptions that zlib_engine.h lists.
///
/// Thread safety: every thread has compressors of its own, which it keeps.
namespace conveyor::codec {

/// No stream inflates to more than 1032 times its size: a match of 258 bytes takes at least two bits (RFC 1951).
inline constexpr std::size_t kLargestRatio = 1032;

/// The least room that inflating begins with: no message up to this size is inflated twice.
inline constexpr std::size_t kSmallestRoom = std::size_t{64} << 10;

/// Bytes that deflate() needs at most for a stream of `size` bytes.
[[nodiscard]] std::size_t deflate_bound(std::size_t size, int level);

/// Compresses into a zlib stream, written to `out`.
/// @param level 1 to 12; zlib itself has nine, and takes the last for those above
/// @param room  bytes that `out` has: deflate_bound() are enough, the stream's own size need not be
/// @return the stream's size, or 0 when `room` is too little
/// @throws std::bad_alloc
[[nodiscard]] std::size_t deflate(std::string_view bytes, int level, char* out, std::size_t room);

enum class InflateError {
  kCorrupt,   ///< truncated, or not a zlib stream, or its checksum is wrong
  kTooLarge,  ///< more than `limit` bytes come out
  kTrailing,  ///< bytes follow the stream's end
};

struct Inflated {
  std::string_view bytes = {};  ///< in scratch
  std::optional<InflateError> error = {};
};

/// Inflates one whole zlib stream into `scratch`. It begins with room for `expected` bytes or, where that is unknown,
/// for four times the input, and begins again with more while that is too little. It never allocates more than
/// min(limit, kLargestRatio x input) bytes.
/// @param expected how many bytes the sender said come out; 0: unknown. A wrong number costs time, nothing else.
/// @throws std::bad_alloc
[[nodiscard]] Inflated inflate(std::string_view stream, std::size_t limit, std::size_t expected, Scratch& scratch);

/// As inflate(), but of a bare deflate stream (RFC 1951), without header and checksum; bytes that follow it are ignored.
/// Exported for Conveyor's other libraries.
[[nodiscard]] CONVEYOR_EXPORT Inflated inflate_raw(std::string_view stream, std::size_t limit, Scratch& scratch);

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_DEFLATE_H_
