#include "codec/raw_codec.h"

#include <fmt/format.h>

#include <cstring>

namespace conveyor::codec {
namespace {

class RawCodec final : public WireCodec {
 public:
  constexpr RawCodec() noexcept : WireCodec("identity", true) {}

  std::size_t most_bytes(std::size_t message_bytes) const noexcept override { return message_bytes; }

  std::size_t encode(std::string_view message, char* out, std::size_t room) const override {
    if (message.size() > room) return 0;
    if (message.data() != out && !message.empty()) std::memmove(out, message.data(), message.size());
    return message.size();
  }

  Decoded decode(std::string_view value, std::size_t limit, std::size_t, Scratch&) const override {
    if (value.size() > limit) return {.error = DecodeError::kTooLarge};
    return {.bytes = value};
  }

  std::string describe(DecodeError, std::size_t value_bytes, std::size_t limit) const override {
    return fmt::format("its {} bytes exceed Config::max_message_bytes = {}", value_bytes, limit);
  }
};

}  // namespace

const WireCodec& raw_codec() noexcept {
  static constexpr RawCodec kCodec;
  return kCodec;
}

}  // namespace conveyor::codec
