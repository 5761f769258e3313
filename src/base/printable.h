#ifndef CONVEYOR_SRC_BASE_PRINTABLE_H_
#define CONVEYOR_SRC_BASE_PRINTABLE_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/utf8.h"

// These functions are inline so that Conveyor's other libraries have them too.

namespace conveyor {

/// Whether a character is a control character: C0, DEL or C1. Terminals take them for commands.
/// @param character not empty, valid UTF-8
[[nodiscard]] inline bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

/// Makes bytes from outside safe to show on a terminal: valid UTF-8 stays; control characters and all other bytes
/// become \xNN.
/// @param longest shows at most this many bytes of the input, then "..."
[[nodiscard]] inline std::string printable(std::string_view bytes, std::size_t longest) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  std::size_t used = 0;
  while (used < bytes.size()) {
    const std::string_view left = bytes.substr(used);
    const std::size_t length = utf8_length(left);
    const std::size_t step = std::max<std::size_t>(length, 1);
    if (used + step > longest) return text + "...";
    if (length == 0 || is_control(left.substr(0, length))) {
      for (const char c : left.substr(0, step)) {
        const auto byte = static_cast<unsigned char>(c);
        text.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
      }
    } else {
      text += left.substr(0, length);
    }
    used += step;
  }
  return text;
}

}  // namespace conveyor

#endif  // CONVEYOR_SRC_BASE_PRINTABLE_H_
