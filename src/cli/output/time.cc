#include "cli/output/time.h"

#include <fmt/format.h>

#include <charconv>

namespace conveyor::cli {
namespace {

using std::chrono::milliseconds;

/// Reads a text from the left. After a mismatch every further read fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : left_(text) {}

  int number(std::size_t digits, int least, int most) {
    int value = 0;
    const std::string_view part = left_.substr(0, digits);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    const bool whole = part.size() == digits && error == std::errc() && end == part.data() + part.size();
    if (!whole || part.front() == '-' || value < least || value > most) return fail();
    left_.remove_prefix(digits);
    return value;
  }
  void expect(char c) {
    if (!take(c)) fail();
  }
  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  // Digits after a decimal point; everything below a millisecond is cut off.
  milliseconds fraction() {
    int value = 0;
    int scale = 100;
    if (left_.empty() || !digit(left_.front())) fail();
    for (; !left_.empty() && digit(left_.front()); left_.remove_prefix(1), scale /= 10) {
      value += (left_.front() - '0') * scale;
    }
    return milliseconds(value);
  }
  [[nodiscard]] bool at_end() const noexcept { return left_.empty(); }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  static bool digit(char c) { return c >= '0' && c <= '9'; }
  int fail() {
    failed_ = true;
    left_ = {};
    return 1;
  }

  std::string_view left_;
  bool failed_ = false;
};

std::optional<milliseconds> unit_named(char unit) {
  switch (unit) {
    case 's':
      return std::chrono::seconds(1);
    case 'm':
      return std::chrono::minutes(1);
    case 'h':
      return std::chrono::hours(1);
    case 'd':
      return std::chrono::hours(24);
    default:
      return {};
  }
}

std::optional<Time> parse_age(std::string_view text, Time now) {
  constexpr std::int64_t kMost = 1'000'000;
  const auto unit = text.empty() ? std::nullopt : unit_named(text.back());
  if (!unit) return {};
  std::int64_t count = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size() - 1, count);
  if (error != std::errc() || end != text.data() + text.size() - 1 || count < 0 || count > kMost) return {};
  return now - count * *unit;
}

}  // namespace

std::optional<Time> parse_time(std::string_view text, Time now) {
  if (const auto age = parse_age(text, now)) return age;
  using namespace std::chrono;
  Scanner scanner{text};
  const year y{scanner.number(4, 1970, 2261)};
  scanner.expect('-');
  const month m{static_cast<unsigned>(scanner.number(2, 1, 12))};
  scanner.expect('-');
  const day d{static_cast<unsigned>(scanner.number(2, 1, 31))};
  milliseconds of_day{0};
  if (!scanner.failed() && scanner.take('T')) {
    of_day += hours(scanner.number(2, 0, 23));
    scanner.expect(':');
    of_day += minutes(scanner.number(2, 0, 59));
    if (scanner.take(':')) {
      of_day += seconds(scanner.number(2, 0, 59));
      if (scanner.take('.')) of_day += scanner.fraction();
    }
    scanner.take('Z');
  }
  const year_month_day date{y, m, d};
  if (scanner.failed() || !scanner.at_end() || !date.ok()) return {};
  return sys_days(date) + of_day;
}

std::string format_time(Time time) {
  using namespace std::chrono;
  const auto whole_day = floor<days>(time);
  const year_month_day date{whole_day};
  const hh_mm_ss of_day{floor<milliseconds>(time) - whole_day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), of_day.hours().count(),
                     of_day.minutes().count(), of_day.seconds().count(), of_day.subseconds().count());
}

}  // namespace conveyor::cli
