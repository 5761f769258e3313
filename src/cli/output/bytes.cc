#include "cli/output/bytes.h"

#include <fmt/format.h>

#include "base/printable.h"
#include "base/utf8.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kDumpWidth = 16;

}  // namespace

bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) return false;
    const std::string_view character = bytes.substr(0, length);
    const bool white = character == "\n" || character == "\r" || character == "\t";
    if (is_control(character) && !white) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string hex_dump(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += kDumpWidth) {
    const std::string_view line = bytes.substr(at, kDumpWidth);
    std::string hex;
    std::string ascii;
    for (const char c : line) {
      hex += fmt::format("{:02x} ", static_cast<unsigned char>(c));
      ascii += c >= ' ' && c <= '~' ? c : '.';
    }
    text += fmt::format("{:08x}  {:{}} |{}|\n", at, hex, kDumpWidth * 3, ascii);
  }
  return text;
}

}  // namespace conveyor::cli
