#include "cli/output/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/printable.h"
#include "base/utf8.h"
#include "cli/output/plain_text.h"

namespace conveyor::cli {

namespace {

void append_escaped(std::string& out, std::string_view character, std::size_t length) {
  if (length == 0) {
    out += "\\ufffd";
  } else if (character == "\"" || character == "\\") {
    out += '\\';
    out += character;
  } else if (length == 1 && is_control(character)) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(character[0]));
  } else {
    out += character;
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view bytes) {
  out += '"';
  while (!bytes.empty()) {
    const std::size_t plain = plain_prefix(bytes);
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    const std::size_t length = utf8_length(bytes);
    const std::string_view character = bytes.substr(0, std::max<std::size_t>(length, 1));
    append_escaped(out, character, length);
    bytes.remove_prefix(character.size());
  }
  out += '"';
}

std::string json_string(std::string_view bytes) {
  std::string text;
  append_json_string(text, bytes);
  return text;
}

JsonObject& JsonObject::add_json(std::string_view name, std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  append_json_string(text_, name);
  text_ += ':';
  text_ += json;
  return *this;
}

}  // namespace conveyor::cli
