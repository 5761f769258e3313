#ifndef CONVEYOR_SRC_CODEC_ZLIB_H_
#define CONVEYOR_SRC_CODEC_ZLIB_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "codec/scratch.h"

namespace conveyor::codec {

/// Bytes that deflate() needs at most for a stream of `size` bytes.
[[nodiscard]] std::size_t deflate_bound(std::size_t size, int level);

/// Writes a zlib stream (RFC 1950) to `out`, of `room` >= deflate_bound() bytes. @return its size
/// @param level 1 to 12
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

/// Inflates one whole zlib stream into `scratch`, allocating at most min(limit, 1032 x input) bytes: deflate cannot
/// expand more than 1032 times (a 258-byte match costs at least two bits).
/// @param expected what the sender said the stream inflates to; 0: unknown
[[nodiscard]] Inflated inflate(std::string_view stream, std::size_t limit, std::size_t expected, Scratch& scratch);

/// Room that an inflation has at least: streams of no more are never inflated twice, whatever is expected of them.
inline constexpr std::size_t kSmallestRoom = std::size_t{64} << 10;

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_ZLIB_H_
