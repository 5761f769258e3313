#ifndef CONVEYOR_SRC_CODEC_ZLIB_ENGINE_H_
#define CONVEYOR_SRC_CODEC_ZLIB_ENGINE_H_

#include <cstddef>
#include <string_view>

#include "codec/scratch.h"
#include "codec/zlib.h"

namespace conveyor::codec {

/// What a stream is wrapped in.
enum class Wrapping {
  kZlib,  ///< header and Adler-32 (RFC 1950)
  kNone,  ///< nothing (RFC 1951)
};

/// A library that compresses and inflates; codec/zlib.h is the one that a build has.
///
/// Engines agree on whole streams, on truncated ones, on bytes that follow, on wrong checksums and on preset
/// dictionaries, which both refuse. They differ in little:
/// - Whatever zlib reads, libdeflate reads to the same bytes. libdeflate reads more: it does not mind where a stream
///   breaks RFC 1951 in its Huffman codes (an incomplete code, a symbol without a meaning, more than 286 lengths or 30
///   distances, more repetitions than lengths), as long as the checksum is right. No compressor writes that; a bit that
///   tips over can be one that only zlib looks at.
/// - Of a damaged stream that is also too large, either may be told.
/// - The streams they write differ, from version to version too.
///
/// Thread safety: called from any thread; engines keep their states per thread.
class ZlibEngine {
 public:
  enum class End {
    kWhole,
    kNoRoom,   ///< more than `room` bytes come out
    kCorrupt,  ///< or truncated
  };
  struct Attempt {
    End end = End::kCorrupt;
    std::size_t used = 0;  ///< bytes up to the stream's end, if it is whole
    std::size_t size = 0;  ///< bytes written, if it is whole
  };

  /// As the functions of codec/zlib.h.
  [[nodiscard]] virtual std::size_t deflate_bound(std::size_t size) const noexcept = 0;
  [[nodiscard]] virtual std::size_t deflate(std::string_view bytes, int level, char* out, std::size_t room) const = 0;

  /// Inflates the stream that `bytes` begin with into `out`.
  /// @throws std::bad_alloc
  [[nodiscard]] virtual Attempt inflate(Wrapping wrapping, std::string_view bytes, char* out,
                                        std::size_t room) const = 0;

 protected:
  ~ZlibEngine() = default;
};

/// Each in a file of its own, which is compiled where its library is there. zlib takes at most 2 GiB to compress and 4
/// GiB to inflate; protobuf and Kafka both end at 2 GiB.
[[nodiscard]] const ZlibEngine& libdeflate_engine() noexcept;
[[nodiscard]] const ZlibEngine& zlib_engine() noexcept;

/// codec/zlib.h's inflate(), by one engine.
[[nodiscard]] Inflated inflate_by(const ZlibEngine& engine, std::string_view stream, std::size_t limit,
                                  std::size_t expected, Scratch& scratch);

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_ZLIB_ENGINE_H_
