#ifndef CONVEYOR_SRC_CODEC_TEXT_H_
#define CONVEYOR_SRC_CODEC_TEXT_H_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace conveyor::codec {

/// Text of a known length, without the heap.
template <std::size_t N>
struct Text {
  std::array<char, N> characters = {};

  /// @param text of N characters
  [[nodiscard]] static Text of(std::string_view text) noexcept {
    Text copy;
    text.copy(copy.characters.data(), N);
    return copy;
  }
  [[nodiscard]] std::string_view view() const noexcept { return {characters.data(), N}; }
  [[nodiscard]] std::string str() const { return std::string(view()); }
};

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_TEXT_H_
