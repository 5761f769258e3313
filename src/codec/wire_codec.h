#ifndef CONVEYOR_SRC_CODEC_WIRE_CODEC_H_
#define CONVEYOR_SRC_CODEC_WIRE_CODEC_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "codec/scratch.h"
#include "conveyor/channel.h"

namespace conveyor::codec {

/// Why a value cannot be decoded.
enum class DecodeError {
  kCorrupt,   ///< it is not what the codec writes
  kTooLarge,  ///< the message has more bytes than the limit
  kTrailing,  ///< bytes follow its end
};

struct Decoded {
  std::string_view bytes = {};  ///< the serialised message, in the value or in the scratch memory
  std::optional<DecodeError> error = {};
};

/// The wire encoding of a channel: how a serialised message becomes the value of a record, and comes back.
///
/// Thread safety: immutable, share freely. Codecs live as long as the process.
class WireCodec {
 public:
  /// Its name in the header content-encoding.
  [[nodiscard]] constexpr std::string_view content_encoding() const noexcept { return content_encoding_; }
  /// Whether the value is the serialised message itself.
  [[nodiscard]] constexpr bool is_identity() const noexcept { return is_identity_; }

  /// The value of a message of so many bytes takes no more.
  [[nodiscard]] virtual std::size_t most_bytes(std::size_t message_bytes) const noexcept = 0;

  /// Writes the value.
  /// @param message where is_identity(), it may lie at `out` already
  /// @param room bytes at `out`; most_bytes() are enough
  /// @return the value's size, or 0 when the message cannot be encoded; of the identity also when it is empty
  /// @throws std::bad_alloc
  [[nodiscard]] virtual std::size_t encode(std::string_view message, char* out, std::size_t room) const = 0;

  /// Reads a value that comes from outside.
  /// @param limit    bytes of the message
  /// @param expected what the sender said that the message has; 0: nothing. Wrong, it costs time and nothing else.
  /// @throws std::bad_alloc
  [[nodiscard]] virtual Decoded decode(std::string_view value, std::size_t limit, std::size_t expected,
                                       Scratch& scratch) const = 0;

  /// The error in words, about a value of so many bytes: "its 20 bytes ...".
  [[nodiscard]] virtual std::string describe(DecodeError error, std::size_t value_bytes, std::size_t limit) const = 0;

 protected:
  constexpr WireCodec(std::string_view content_encoding, bool is_identity) noexcept
      : content_encoding_(content_encoding), is_identity_(is_identity) {}
  WireCodec(const WireCodec&) = default;
  ~WireCodec() = default;

 private:
  std::string_view content_encoding_;
  bool is_identity_;
};

/// The channel's. Of Codec::kZlib there is one for each level.
[[nodiscard]] const WireCodec& wire_codec(const ChannelOptions& channel) noexcept;

/// The one of that content encoding, whatever level wrote it; null: none.
[[nodiscard]] const WireCodec* wire_codec_named(std::string_view content_encoding) noexcept;

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_WIRE_CODEC_H_
