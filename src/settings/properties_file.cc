#include "settings/properties_file.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "conveyor/error.h"

namespace conveyor {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }
bool is_end(char c) { return c == '\n' || c == '\r'; }

void append_utf8(std::string& text, char32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | code >> 18);
    text += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : left_(text), file_(file) {}

  // Goes to the next setting. @return whether there is one
  bool next(PropertyLine& setting) {
    while (!left_.empty()) {
      skip_blanks();
      if (left_.empty()) return false;
      if (is_end(left_.front())) {
        end_line();
      } else if (left_.front() == '#' || left_.front() == '!') {
        while (!left_.empty() && !is_end(left_.front())) left_.remove_prefix(1);
      } else {
        setting = this->setting();
        return true;
      }
    }
    return false;
  }

 private:
  [[noreturn]] void fail(std::string_view why) const {
    throw Error(errc::invalid_config, fmt::format("{}:{}: {}", file_, line_, why));
  }

  void end_line() {
    const bool two = left_.starts_with("\r\n");
    left_.remove_prefix(two ? 2 : 1);
    ++line_;
  }

  void skip_blanks() {
    while (!left_.empty()) {
      if (is_blank(left_.front())) {
        left_.remove_prefix(1);
      } else if (!continued()) {
        return;
      }
    }
  }

  // Steps over a backslash at the end of a line, and the blanks that begin the next one.
  bool continued() {
    if (left_.size() < 2 || left_.front() != '\\' || !is_end(left_[1])) return false;
    left_.remove_prefix(1);
    end_line();
    while (!left_.empty() && is_blank(left_.front())) left_.remove_prefix(1);
    return true;
  }

  PropertyLine setting() {
    PropertyLine setting{.line = line_};
    while (!left_.empty() && !is_end(left_.front()) && !is_blank(left_.front()) && left_.front() != '=' &&
           left_.front() != ':') {
      if (continued()) continue;
      append_character(setting.name);
      if (setting.name.size() > kLongestPropertyName) {
        fail(fmt::format("a name is longer than {} bytes", kLongestPropertyName));
      }
    }
    skip_blanks();
    const bool separated = !left_.empty() && (left_.front() == '=' || left_.front() == ':');
    if (separated) left_.remove_prefix(1);
    setting.by_blank = !separated;
    if (setting.name.empty()) fail("not of the form name=value");
    skip_blanks();
    setting.value = value();
    return setting;
  }

  // Blanks at its end are left out, as Kafka's own clients do, unless they are escaped.
  std::string value() {
    std::string value;
    std::size_t keep = 0;
    while (!left_.empty() && !is_end(left_.front())) {
      if (continued()) continue;
      const bool drop = is_blank(left_.front());
      append_character(value);
      if (!drop) keep = value.size();
    }
    value.resize(keep);
    return value;
  }

  void append_character(std::string& to) {
    const char c = left_.front();
    left_.remove_prefix(1);
    if (c == '\0') fail("a NUL byte");
    if (c != '\\') {
      to += c;
      return;
    }
    if (left_.empty()) return;  // Java drops it
    const char escaped = left_.front();
    left_.remove_prefix(1);
    switch (escaped) {
      case 't':
        to += '\t';
        return;
      case 'n':
        to += '\n';
        return;
      case 'r':
        to += '\r';
        return;
      case 'f':
        to += '\f';
        return;
      case 'u':
        append_utf8(to, unicode());
        return;
      case '\0':
        fail("a NUL byte");
      default:
        to += escaped;
    }
  }

  // What follows \u; beyond U+FFFF two of them stand for a character.
  char32_t unicode() {
    const char32_t first = four_digits();
    if (first == 0) fail("\\u0000 is a NUL byte");
    if (first < 0xD800 || first > 0xDFFF) return first;
    if (first < 0xDC00 && left_.starts_with("\\u")) {
      left_.remove_prefix(2);
      const char32_t second = four_digits();
      if (second >= 0xDC00 && second <= 0xDFFF) return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }
    fail("\\u is followed by half a surrogate pair");
  }

  char32_t four_digits() {
    char32_t code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = left_.empty() ? '\0' : left_.front();
      const int digit = c >= '0' && c <= '9'                     ? c - '0'
                        : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                                 : -1;
      if (digit < 0) fail("\\u is not followed by four hexadecimal digits");
      code = code * 16 + static_cast<char32_t>(digit);
      left_.remove_prefix(1);
    }
    return code;
  }

  std::string_view left_;
  const std::string_view file_;
  int line_ = 1;
};

// Saved by an editor as "Unicode"; every other byte of plain words is NUL.
bool is_utf16(std::string_view text) {
  const auto zero = [&](std::size_t i) { return text[i] == '\0'; };
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return true;
  return text.size() >= 4 && zero(0) == zero(2) && zero(1) == zero(3) && zero(0) != zero(1);
}

[[noreturn]] void cannot_read(const std::filesystem::path& path, std::string_view why) {
  throw Error(errc::invalid_config, fmt::format("cannot read the properties file {}: {}", path.string(), why));
}

}  // namespace

std::vector<PropertyLine> parse_properties(std::string_view text, std::string_view file) {
  if (is_utf16(text)) {
    throw Error(errc::invalid_config, fmt::format("{}: the properties file is UTF-16; save it as UTF-8", file));
  }
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  std::vector<PropertyLine> settings;
  Parser parser(text, file);
  for (PropertyLine setting; parser.next(setting);) settings.push_back(std::move(setting));
  return settings;
}

std::string read_properties_file(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file{std::fopen(path.c_str(), "rb"), &std::fclose};
  if (!file) cannot_read(path, std::strerror(errno));
  std::string text;
  std::array<char, 65'536> part{};
  while (text.size() <= kLargestPropertiesFile) {
    const std::size_t read = std::fread(part.data(), 1, part.size(), file.get());
    text.append(part.data(), read);
    if (std::ferror(file.get()) != 0) cannot_read(path, std::strerror(errno));  // a folder is told here
    if (read < part.size()) break;
  }
  if (text.size() > kLargestPropertiesFile) {
    cannot_read(path, fmt::format("it is larger than {} bytes", kLargestPropertiesFile));
  }
  return text;
}

}  // namespace conveyor
