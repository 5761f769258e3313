#ifndef CONVEYOR_SRC_VISION_TEXT_PARSING_H_
#define CONVEYOR_SRC_VISION_TEXT_PARSING_H_

#include <algorithm>
#include <string_view>

// Helps to parse texts that name preprocess steps and classifiers.

namespace conveyor::vision {

/// Whether the text is letters, digits and underscores, beginning with a letter.
[[nodiscard]] inline bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

[[nodiscard]] inline std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Calls each(part) for the parts between separators; a text without a separator is one part.
template <class F>
void split(std::string_view text, char separator, F each) {
  for (;;) {
    const auto end = text.find(separator);
    each(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_TEXT_PARSING_H_
