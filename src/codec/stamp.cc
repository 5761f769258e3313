#include "codec/stamp.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <ctime>

namespace conveyor::codec {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

constexpr std::size_t kLongestSecond = 72;  // six numbers of any size

// Sends within one second differ in the fraction only, so each thread keeps its last text.
std::string_view date_until(std::chrono::sys_seconds second) {
  struct Second {
    std::chrono::sys_seconds when = {};
    std::array<char, kLongestSecond> text = {};
    std::size_t size = 0;  // 0: none yet
  };
  thread_local Second last;
  if (last.size == 0 || last.when != second) {
    const std::time_t clock = std::chrono::system_clock::to_time_t(second);
    std::tm utc{};
    gmtime_r(&clock, &utc);
    const int size =
        std::snprintf(last.text.data(), last.text.size(), "%04d-%02d-%02dT%02d:%02d:%02d", utc.tm_year + 1900,
                      utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
    last.size = static_cast<std::size_t>(size);
    last.when = second;
  }
  return {last.text.data(), last.size};
}

// Protobuf's wire format: https://protobuf.dev/programming-guides/encoding/
enum WireType { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2 };

constexpr std::size_t varint_size(std::uint64_t value) noexcept {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}
char* write_varint(char* out, std::uint64_t value) noexcept {
  while (value >= 0x80) {
    *out++ = static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}
constexpr char small_tag(int field, WireType type) noexcept { return static_cast<char>(field << 3 | type); }
char* write_double(char* out, int field, double value) noexcept {
  *out++ = small_tag(field, kFixed64);
  auto bits = std::bit_cast<std::uint64_t>(value);
  for (int byte = 0; byte < 8; ++byte, bits >>= 8) *out++ = static_cast<char>(bits & 0xff);
  return out;
}
char* write_number(char* out, int field, std::uint64_t value) noexcept {
  *out++ = small_tag(field, kVarint);
  return write_varint(out, value);
}
char* write_text(char* out, int field, std::string_view text) noexcept {
  *out++ = small_tag(field, kLengthDelimited);
  return std::ranges::copy(text, write_varint(out, text.size())).out;
}
constexpr std::size_t text_size(std::string_view text) noexcept { return 1 + varint_size(text.size()) + text.size(); }

std::uint64_t number_of(Environment environment) noexcept { return static_cast<std::uint64_t>(environment); }

std::size_t data_size(const Stamp& stamp, std::string_view date) noexcept {
  constexpr std::size_t kTimestamp = 9;
  constexpr std::size_t kOffsetAndPartition = 4;
  return kTimestamp + 1 + varint_size(number_of(stamp.environment)) + text_size(stamp.service) + text_size(stamp.uuid) +
         text_size(date) + kOffsetAndPartition + text_size(stamp.trace_id);
}

}  // namespace

double seconds_of(std::chrono::system_clock::time_point time) noexcept {
  return static_cast<double>(duration_cast<microseconds>(time.time_since_epoch()).count()) / 1e6;
}

IsoDate::IsoDate(std::chrono::system_clock::time_point time) {
  static_assert(std::tuple_size_v<decltype(text_)> >= kLongestSecond + 13);
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  char* out = std::ranges::copy(date_until(second), text_.data()).out;
  if (auto fraction = duration_cast<microseconds>(time - second).count(); fraction != 0) {
    *out = '.';
    for (int digit = 6; digit > 0; --digit, fraction /= 10) out[digit] = static_cast<char>('0' + fraction % 10);
    out += 7;
  }
  constexpr std::string_view kUtc = "+00:00";
  out = std::ranges::copy(kUtc, out).out;
  size_ = static_cast<std::size_t>(out - text_.data());
}

std::string_view name_of(Environment environment) noexcept {
  switch (environment) {
    case Environment::kProduction:
      return "PRODUCTION";
    case Environment::kDevelopment:
      return "DEVELOPMENT";
    case Environment::kStaging:
      return "STAGING";
    case Environment::kUnknown:
      break;
  }
  return "UNKNOWN_ENVIRONMENT";
}

StampField::StampField(const Stamp& stamp, int field)
    : stamp_(stamp),
      date_(stamp.time),
      tag_(static_cast<std::uint64_t>(field) << 3 | kLengthDelimited),
      data_size_(data_size(stamp, date_.view())),
      size_(varint_size(tag_) + varint_size(data_size_) + data_size_) {}

char* StampField::write(char* out) const noexcept {
  out = write_varint(out, tag_);
  out = write_varint(out, data_size_);
  out = write_double(out, 1, seconds_of(stamp_.time));
  out = write_number(out, 2, number_of(stamp_.environment));
  out = write_text(out, 3, stamp_.service);
  out = write_text(out, 4, stamp_.uuid);
  out = write_text(out, 5, date_.view());
  out = write_number(out, 6, 0);
  out = write_number(out, 7, 0);
  return write_text(out, 8, stamp_.trace_id);
}

}  // namespace conveyor::codec
