#ifndef CONVEYOR_SRC_CODEC_ZLIB_H_
#define CONVEYOR_SRC_CODEC_ZLIB_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "codec/scratch.h"

namespace conveyor::codec {

/// Compresses into a zlib stream (RFC 1950) that lies in `scratch`.
/// @param level 1 to 12
/// @throws std::bad_alloc
[[nodiscard]] std::string_view deflate(std::string_view bytes, int level, Scratch& scratch);

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
[[nodiscard]] Inflated inflate(std::string_view stream, std::size_t limit, Scratch& scratch);

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_ZLIB_H_
