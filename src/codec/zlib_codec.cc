#include "codec/zlib_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "codec/deflate.h"

namespace conveyor::codec {
namespace {

DecodeError decode_error(InflateError error) noexcept {
  switch (error) {
    case InflateError::kCorrupt:
      break;
    case InflateError::kTooLarge:
      return DecodeError::kTooLarge;
    case InflateError::kTrailing:
      return DecodeError::kTrailing;
  }
  return DecodeError::kCorrupt;
}

class ZlibCodec final : public WireCodec {
 public:
  explicit constexpr ZlibCodec(int level) noexcept : WireCodec("deflate", false), level_(level) {}

  std::size_t most_bytes(std::size_t message_bytes) const noexcept override {
    return deflate_bound(message_bytes, level_);
  }

  std::size_t encode(std::string_view message, char* out, std::size_t room) const override {
    return deflate(message, level_, out, room);
  }

  Decoded decode(std::string_view value, std::size_t limit, std::size_t expected, Scratch& scratch) const override {
    const Inflated inflated = inflate(value, limit, expected, scratch);
    if (inflated.error) return {.error = decode_error(*inflated.error)};
    return {.bytes = inflated.bytes};
  }

  std::string describe(DecodeError error, std::size_t value_bytes, std::size_t limit) const override {
    switch (error) {
      case DecodeError::kCorrupt:
        break;
      case DecodeError::kTooLarge:
        return fmt::format("it inflates to more than Config::max_message_bytes = {}; raise that if it is meant to",
                           limit);
      case DecodeError::kTrailing:
        return "bytes follow the end of its zlib stream";
    }
    return fmt::format("its {} bytes are not a whole zlib stream (truncated, corrupt, or not compressed)", value_bytes);
  }

 private:
  int level_;
};

}  // namespace

const WireCodec& zlib_codec(int level) noexcept {
  static constexpr std::array<ZlibCodec, 12> kCodecs{
      ZlibCodec{1}, ZlibCodec{2}, ZlibCodec{3}, ZlibCodec{4},  ZlibCodec{5},  ZlibCodec{6},
      ZlibCodec{7}, ZlibCodec{8}, ZlibCodec{9}, ZlibCodec{10}, ZlibCodec{11}, ZlibCodec{12},
  };
  return kCodecs[static_cast<std::size_t>(std::clamp(level, 1, 12) - 1)];
}

}  // namespace conveyor::codec
