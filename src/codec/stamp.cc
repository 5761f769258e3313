#include "codec/stamp.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace conveyor::codec {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

// https://protobuf.dev/programming-guides/encoding/
void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}
enum WireType { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2 };
void append_tag(std::string& out, int field, WireType type) {
  append_varint(out, static_cast<std::uint64_t>(field) << 3 | type);
}
void append_double(std::string& out, int field, double value) {
  append_tag(out, field, kFixed64);
  auto bits = std::bit_cast<std::uint64_t>(value);
  std::array<char, 8> little_endian;
  for (char& byte : little_endian) {
    byte = static_cast<char>(bits & 0xff);
    bits >>= 8;
  }
  out.append(little_endian.data(), little_endian.size());
}
void append_number(std::string& out, int field, std::uint64_t value) {
  append_tag(out, field, kVarint);
  append_varint(out, value);
}
void append_text(std::string& out, int field, std::string_view text) {
  append_tag(out, field, kLengthDelimited);
  append_varint(out, text.size());
  out += text;
}

/// The text without an allocation. Sends of one second share all of it but the fraction.
class IsoDate {
 public:
  explicit IsoDate(std::chrono::system_clock::time_point time) {
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    const std::string_view until_second = text_of(second);
    char* at = std::copy(until_second.begin(), until_second.end(), text_.data());
    if (auto fraction = duration_cast<microseconds>(time - second).count(); fraction != 0) {
      *at = '.';
      for (int digit = 6; digit > 0; --digit, fraction /= 10) at[digit] = static_cast<char>('0' + fraction % 10);
      at += 7;
    }
    constexpr std::string_view kUtc = "+00:00";
    at = std::copy(kUtc.begin(), kUtc.end(), at);
    size_ = static_cast<std::size_t>(at - text_.data());
  }
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

 private:
  static constexpr std::size_t kLongestSecond = 72;  // six numbers of any size

  static std::string_view text_of(std::chrono::sys_seconds second) {
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

  std::array<char, kLongestSecond + 13> text_;
  std::size_t size_ = 0;
};

}  // namespace

double seconds_of(std::chrono::system_clock::time_point time) noexcept {
  return static_cast<double>(duration_cast<microseconds>(time.time_since_epoch()).count()) / 1e6;
}

std::string iso_date_of(std::chrono::system_clock::time_point time) { return std::string(IsoDate(time).text()); }

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

std::string stamp_field(const Stamp& stamp, int field) {
  thread_local std::string data;
  data.clear();
  append_double(data, 1, seconds_of(stamp.time));
  append_number(data, 2, static_cast<std::uint64_t>(stamp.environment));
  append_text(data, 3, stamp.service);
  append_text(data, 4, stamp.uuid);
  append_text(data, 5, IsoDate(stamp.time).text());
  append_number(data, 6, 0);
  append_number(data, 7, 0);
  append_text(data, 8, stamp.trace_id);

  std::string all;
  all.reserve(data.size() + 10);  // tag and size, five bytes at most each
  append_text(all, field, data);
  return all;
}

}  // namespace conveyor::codec
