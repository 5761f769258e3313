#include "codec/stamp.h"

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
  for (int i = 0; i < 8; ++i, bits >>= 8) out += static_cast<char>(bits & 0xff);
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

}  // namespace

double seconds_of(std::chrono::system_clock::time_point time) noexcept {
  return static_cast<double>(duration_cast<microseconds>(time.time_since_epoch()).count()) / 1e6;
}

std::string iso_date_of(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto fraction = duration_cast<microseconds>(time - seconds).count();
  const std::time_t clock = std::chrono::system_clock::to_time_t(seconds);
  std::tm utc{};
  gmtime_r(&clock, &utc);
  std::array<char, 80> text{};
  int size = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d", utc.tm_year + 1900,
                           utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
  if (fraction != 0) {
    size += std::snprintf(text.data() + size, text.size() - static_cast<std::size_t>(size), ".%06d",
                          static_cast<int>(fraction));
  }
  return std::string(text.data(), static_cast<std::size_t>(size)) + "+00:00";
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

std::string stamp_field(const Stamp& stamp, int field) {
  std::string data;
  data.reserve(160 + stamp.service.size());
  append_double(data, 1, seconds_of(stamp.time));
  append_number(data, 2, static_cast<std::uint64_t>(stamp.environment));
  append_text(data, 3, stamp.service);
  append_text(data, 4, stamp.uuid);
  append_text(data, 5, iso_date_of(stamp.time));
  append_number(data, 6, 0);
  append_number(data, 7, 0);
  append_text(data, 8, stamp.trace_id);

  std::string all;
  all.reserve(data.size() + 8);
  append_text(all, field, data);
  return all;
}

}  // namespace conveyor::codec
