#include "cli/commands/tail_range.h"

#include <algorithm>
#include <charconv>

namespace conveyor::cli {
namespace {

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return {};
  return number;
}

}  // namespace

std::optional<Position> parse_position(std::string_view text, Time now) {
  if (text == "earliest") return Earliest{};
  if (text == "latest") return Latest{};
  if (text.starts_with('-')) {
    const auto count = parse_number(text.substr(1));
    return count ? std::optional<Position>(BeforeEnd{*count}) : std::nullopt;
  }
  if (const auto offset = parse_number(text)) return AtOffset{*offset};
  if (const auto time = parse_time(text, now)) return *time;
  return {};
}

std::int64_t begin_of(const Position& from, const kafka::LogRange& log, std::int64_t at_time) {
  std::int64_t begin = at_time;
  if (std::holds_alternative<Earliest>(from)) begin = log.begin;
  if (std::holds_alternative<Latest>(from)) begin = log.end;
  if (const auto* at = std::get_if<AtOffset>(&from)) begin = at->offset;
  if (const auto* before = std::get_if<BeforeEnd>(&from)) begin = log.end - std::min(before->count, log.end);
  return std::clamp(begin, log.begin, std::max(log.begin, log.end));
}

std::int64_t end_of(const Position& to, const kafka::LogRange& log, std::int64_t at_time) {
  std::int64_t end = at_time;
  if (std::holds_alternative<Earliest>(to)) end = log.begin;
  if (std::holds_alternative<Latest>(to)) end = log.end;
  if (const auto* at = std::get_if<AtOffset>(&to)) end = at->offset < log.end ? at->offset + 1 : log.end;
  if (const auto* before = std::get_if<BeforeEnd>(&to)) end = log.end - std::min(before->count, log.end);
  return std::min(end, log.end);
}

}  // namespace conveyor::cli
