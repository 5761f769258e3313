#include "dead_letters/dead_letter_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>
#include <utility>

#include "conveyor/channel.h"
#include "dead_letters/header_table.h"

namespace conveyor {

std::string_view name_of(DeadLetterStage stage) noexcept {
  switch (stage) {
    case DeadLetterStage::kUnknown:
      return "unknown";
    case DeadLetterStage::kDecode:
      return "decode";
    case DeadLetterStage::kHandler:
      return "handler";
    case DeadLetterStage::kCrash:
      return "crash";
  }
  return "unknown";
}

namespace detail {
namespace {

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return {};
  return number;
}

DeadLetterStage stage_named(std::string_view name) {
  using enum DeadLetterStage;
  for (const auto stage : {kDecode, kHandler, kCrash}) {
    if (name == name_of(stage)) return stage;
  }
  return kUnknown;
}

std::chrono::system_clock::time_point time_of(std::int64_t milliseconds) {
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(milliseconds));
}

// In the year 2261. A system_clock that counts nanoseconds overflows a year later.
constexpr std::int64_t kLatest = 9'200'000'000'000;

/// Reads a header that the worker wrote. An invalid value sets the default, even after a valid header of that name.
/// @return whether the value is valid
bool read_field(DeadLetterField field, std::string_view value, DeadLetter& letter) {
  const auto read_number = [value](auto& number, auto otherwise) {
    const auto read = number_in<std::remove_reference_t<decltype(number)>>(value);
    number = read.value_or(otherwise);
    return read.has_value();
  };
  switch (field) {
    case DeadLetterField::kTopic:
      letter.origin.topic = value;
      return legal_topic(value);
    case DeadLetterField::kPartition:
      return read_number(letter.origin.partition, -1);
    case DeadLetterField::kOffset:
      return read_number(letter.origin.offset, -1);
    case DeadLetterField::kStage:
      letter.stage = stage_named(value);
      return letter.stage != DeadLetterStage::kUnknown;
    case DeadLetterField::kAttempts:
      return read_number(letter.attempts, 0);
    case DeadLetterField::kTimestamp: {
      std::int64_t milliseconds = 0;
      const bool valid = read_number(milliseconds, 0);
      letter.origin.timestamp = time_of(std::min(milliseconds, kLatest));
      return valid;
    }
    case DeadLetterField::kGroup:
      letter.origin.group = value;
      return true;
    case DeadLetterField::kService:
      letter.service = value;
      return true;
    case DeadLetterField::kError:
      letter.error = value;
      return true;
    case DeadLetterField::kReplayedFrom:
      break;  // has no prefix, so it stays among the record's own headers
  }
  return false;
}

}  // namespace

std::variant<DeadLetter, Foreign> dead_letter_of(Record record, std::optional<std::string_view> value) {
  DeadLetter letter{
      .topic = std::string(record.topic),
      .partition = record.partition,
      .offset = record.offset,
      .timestamp = record.timestamp,
  };
  // Whether each header exists with a valid value. If a name occurs twice, the last one counts.
  std::array<bool, kDeadLetterHeaders.size()> has{};
  for (const Header& header : record.headers) {
    if (!header.name.starts_with(kDeadLetterPrefix)) {
      letter.headers.push_back(header);
    } else if (const auto field = dead_letter_field(header.name)) {
      has.at(static_cast<std::size_t>(*field)) = read_field(*field, header.value, letter);
    }
  }
  for (const DeadLetterHeader& header : kDeadLetterHeaders) {
    if (identifies_record(header.field) && !has.at(static_cast<std::size_t>(header.field))) {
      return Foreign{fmt::format("not a dead letter: its header {} is missing or has no valid value", header.name)};
    }
  }
  letter.key = std::move(record.key);
  if (value) letter.value.emplace(*value);
  return letter;
}

bool lies_where_wanted(const DeadLetterFilter& filter, const Record& record) {
  return (!filter.partition || *filter.partition == record.partition) && record.offset >= filter.first_offset &&
         record.offset <= filter.last_offset && (!filter.since || record.timestamp >= *filter.since) &&
         (!filter.until || record.timestamp < *filter.until);
}

bool wanted(const DeadLetterFilter& filter, const DeadLetter& letter) {
  const auto among = [](const auto& several, const auto& one) {
    return several.empty() || std::ranges::find(several, one) != several.end();
  };
  return among(filter.topics, letter.origin.topic) && among(filter.stages, letter.stage);
}

std::string position_of(const DeadLetter& letter) {
  return fmt::format("{}/{}/{}", letter.topic, letter.partition, letter.offset);
}

std::vector<Header> replay_headers(const DeadLetter& letter) {
  std::vector<Header> headers;
  for (const Header& header : letter.headers) {
    if (header.name != name_of(DeadLetterField::kReplayedFrom)) headers.push_back(header);
  }
  headers.push_back({std::string(name_of(DeadLetterField::kReplayedFrom)), position_of(letter)});
  return headers;
}

}  // namespace detail
}  // namespace conveyor
