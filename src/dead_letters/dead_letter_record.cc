#include "dead_letters/dead_letter_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "codec/header_names.h"
#include "conveyor/channel.h"
#include "dead_letters/dead_letter.h"

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

// Further would overflow a system_clock of nanoseconds; the year 2262.
constexpr std::int64_t kLatest = 9'200'000'000'000;

}  // namespace

std::variant<DeadLetter, Foreign> dead_letter_of(Record record, std::optional<std::string_view> value) {
  DeadLetter letter{
      .topic = std::string(record.topic),
      .partition = record.partition,
      .offset = record.offset,
      .timestamp = record.timestamp,
  };
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> offset;
  for (const Header& header : record.headers) {
    std::string_view name = header.name;
    if (!name.starts_with(worker::kDeadLetterPrefix)) {
      letter.headers.push_back(header);
      continue;
    }
    name.remove_prefix(worker::kDeadLetterPrefix.size());
    if (name == "topic") letter.origin.topic = header.value;
    if (name == "partition") partition = number_in<std::int32_t>(header.value);
    if (name == "offset") offset = number_in<std::int64_t>(header.value);
    if (name == "timestamp") {
      letter.origin.timestamp = time_of(std::min(number_in<std::int64_t>(header.value).value_or(0), kLatest));
    }
    if (name == "group") letter.origin.group = header.value;
    if (name == "stage") letter.stage = stage_named(header.value);
    if (name == "attempts") letter.attempts = number_in<int>(header.value).value_or(0);
    if (name == "service") letter.service = header.value;
    if (name == "error") letter.error = header.value;
  }
  const auto foreign = [](std::string_view header) {
    return Foreign{fmt::format("not a dead letter: it has no header {}{}, or one that cannot be",
                               worker::kDeadLetterPrefix, header)};
  };
  if (!legal_topic(letter.origin.topic)) return foreign("topic");
  if (!partition) return foreign("partition");
  if (!offset) return foreign("offset");
  letter.origin.partition = *partition;
  letter.origin.offset = *offset;
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
    if (header.name != codec::kReplayedFrom) headers.push_back(header);
  }
  headers.push_back({std::string(codec::kReplayedFrom), position_of(letter)});
  return headers;
}

}  // namespace detail
}  // namespace conveyor
