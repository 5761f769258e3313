#include "cli/commands/where.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

namespace conveyor::cli {
namespace {

template <class Number>
bool read_number(std::string_view text, std::optional<Number>& number) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  number = value;
  return error == std::errc() && end == text.data() + text.size() && value >= 0 && text.front() != '-';
}

}  // namespace

std::optional<Where> parse_where(std::string_view text) {
  const auto next = [&text](std::string_view separator) {
    const std::size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + separator.size());
    return part;
  };
  if (text.empty() || text.ends_with('/') || text.ends_with("..")) return {};
  Where where{.topic = std::string(next("/"))};
  if (where.topic.empty()) return {};
  if (!text.empty() && !read_number(next("/"), where.partition)) return {};
  if (!text.empty()) {
    if (!read_number(next(".."), where.first)) return {};
    where.last = where.first;
    if (!text.empty() && (!read_number(text, where.last) || where.last < where.first)) return {};
  }
  return where;
}

std::string place(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  return fmt::format("{}/{}/{}", topic, partition, offset);
}

}  // namespace conveyor::cli
