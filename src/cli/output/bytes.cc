#include "cli/output/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/printable.h"
#include "base/utf8.h"
#include "cli/output/plain_text.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kDumpWidth = 16;

}  // namespace

bool is_text(std::string_view bytes) {
  while (true) {
    bytes.remove_prefix(plain_prefix(bytes));
    if (bytes.empty()) return true;
    const std::size_t length = utf8_length(bytes);
    if (length == 0) return false;
    const std::string_view character = bytes.substr(0, length);
    const bool white = character == "\n" || character == "\r" || character == "\t";
    if (is_control(character) && !white) return false;
    bytes.remove_prefix(length);
  }
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

void append_printable(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    const std::size_t plain = plain_prefix(bytes);
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (bytes.empty()) return;
    const std::size_t length = std::max<std::size_t>(utf8_length(bytes), 1);
    out += printable(bytes.substr(0, length), length);
    bytes.remove_prefix(length);
  }
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"bytes", "KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1'024) return fmt::to_string(bytes) + " bytes";
  std::uint64_t size = bytes;
  std::size_t unit = 0;
  for (; size >= 1'024 * 1'024 && unit + 2 < kUnits.size(); ++unit) size /= 1'024;
  // In hundredths of the next unit, so that no floating point number is printed: that takes longer than all the rest.
  const std::uint64_t hundredths = size * 100 / 1'024;
  std::string text = fmt::to_string(hundredths / 100);
  if (text.size() < 3) {
    text.append({'.', static_cast<char>('0' + hundredths / 10 % 10), static_cast<char>('0' + hundredths % 10)});
    text.resize(4);  // three digits and the point
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text.append(1, ' ').append(kUnits[unit + 1]);
}

void append_decimal(std::int64_t number, std::string& out) {
  const fmt::format_int text(number);
  out.append(text.data(), text.size());
}

void append_base64(std::string_view bytes, std::string& out) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto byte = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) : 0U;
  };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += kLetters[group >> 18 & 63];
    out += kLetters[group >> 12 & 63];
    out += i + 1 < bytes.size() ? kLetters[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? kLetters[group & 63] : '=';
  }
}

}  // namespace conveyor::cli
