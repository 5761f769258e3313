#ifndef CONVEYOR_SRC_BASE_UTF8_H_
#define CONVEYOR_SRC_BASE_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

// These functions are inline so that Conveyor's other libraries have them too.

namespace conveyor {

/// The length in bytes of the first character, or 0 when the bytes do not begin with a UTF-8 character (RFC 3629).
/// The text must not be empty.
[[nodiscard]] inline std::size_t utf8_length(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : 2);
  if (first < 0xC2 || first > 0xF4 || bytes.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Refuse overlong encodings, surrogates, and code points above U+10FFFF.
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) || (first == 0xF0 && byte(1) < 0x90) ||
      (first == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return length;
}

[[nodiscard]] inline bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

/// Copies the text and replaces each byte that is not part of valid UTF-8 with U+FFFD.
/// @param longest reads at most this many bytes of `bytes`; no character is cut in two
[[nodiscard]] inline std::string to_utf8(std::string_view bytes, std::size_t longest) {
  std::string text;
  std::size_t read = 0;
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    const std::size_t taken = length == 0 ? 1 : length;
    if (read + taken > longest) break;
    text += length == 0 ? std::string_view("\xEF\xBF\xBD") : bytes.substr(0, length);
    bytes.remove_prefix(taken);
    read += taken;
  }
  return text;
}

/// The longest prefix of a UTF-8 text that fits in `longest` bytes; no character is cut in two.
[[nodiscard]] inline std::string_view utf8_front(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
  return text.substr(0, longest);
}

}  // namespace conveyor

#endif  // CONVEYOR_SRC_BASE_UTF8_H_
