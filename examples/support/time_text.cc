#include "support/time_text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace support {
namespace {

using namespace std::chrono;

/// Takes so many digits and the character behind them off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits, std::string_view ends) {
  int number = 0;
  if (text.size() < digits) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc() || end != text.data() + digits || number < 0) return {};
  text.remove_prefix(digits);
  if (ends.empty()) return number;
  if (text.empty() || ends.find(text.front()) == ends.npos) return {};
  text.remove_prefix(1);
  return number;
}

/// Microseconds of a fraction's digits; those behind the sixth are cut off.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  std::int64_t result = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits < 6) result = result * 10 + (text[digits] - '0');
  }
  for (std::size_t i = digits; i < 6; ++i) result *= 10;
  text.remove_prefix(digits);
  return digits == 0 ? std::nullopt : std::optional(result);
}

}  // namespace

std::string time_text(std::int64_t microseconds) {
  const sys_time<std::chrono::microseconds> time{std::chrono::microseconds(microseconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  const auto year_number = take_number(text, 4, "-");
  const auto month_number = take_number(text, 2, "-");
  const auto day_number = take_number(text, 2, "T ");
  const auto hour = take_number(text, 2, ":");
  const auto minute = take_number(text, 2, "");
  if (!year_number || !month_number || !day_number || !hour || !minute) return {};
  std::optional<int> second = 0;
  std::optional<std::int64_t> fraction = 0;
  if (text.starts_with(':')) {
    text.remove_prefix(1);
    second = take_number(text, 2, "");
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      fraction = take_fraction(text);
    }
  }
  const year_month_day date(year(*year_number), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number)));
  if (!second || !fraction || !text.empty() || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return {};
  const auto time =
      sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second) + std::chrono::microseconds(*fraction);
  return time.time_since_epoch() / std::chrono::microseconds(1);
}

}  // namespace support
