#include "cli/output/json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/printable.h"
#include "base/utf8.h"

namespace conveyor::cli {

std::string json_string(std::string_view bytes) {
  std::string text = "\"";
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    const std::string_view character = bytes.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0) {
      text += "\\ufffd";
    } else if (character == "\"" || character == "\\") {
      text += '\\';
      text += character;
    } else if (length == 1 && is_control(character)) {
      text += fmt::format("\\u{:04x}", static_cast<unsigned char>(character[0]));
    } else {
      text += character;
    }
    bytes.remove_prefix(character.size());
  }
  return text + '"';
}

}  // namespace conveyor::cli
