#ifndef CONVEYOR_SRC_CLI_OUTPUT_PLAIN_TEXT_H_
#define CONVEYOR_SRC_CLI_OUTPUT_PLAIN_TEXT_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace conveyor::cli {

/// The length of the beginning that neither a terminal nor JSON takes for anything but itself: ASCII without control
/// characters, quotation marks and backslashes. Eight characters at a time, because most text is nothing else.
[[nodiscard]] inline std::size_t plain_prefix(std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  // The high bit of each byte that is 0; false hits only above the first one (Bit Twiddling Hacks: haszero).
  const auto zeros = [](std::uint64_t word) { return (word - kOnes) & ~word & kHigh; };
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kHigh;
    const std::uint64_t special = (word & kHigh) | below_space | zeros(word ^ (kOnes * '"')) |
                                  zeros(word ^ (kOnes * '\\')) | zeros(word ^ (kOnes * 0x7F));
    if (special != 0) return at + static_cast<std::size_t>(std::countr_zero(special)) / 8;
  }
  for (; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\') break;
  }
  return at;
}

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_PLAIN_TEXT_H_
