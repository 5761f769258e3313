#include "consume/commit_metadata.h"

#include <fmt/format.h>

#include <charconv>

namespace conveyor::worker {
namespace {

constexpr std::string_view kName = "conveyor1";
// from the committed offset; a larger distance is not from this library
constexpr std::int64_t kFarthest = std::int64_t{1} << 32;

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// Removes and returns the text up to the separator.
std::string_view cut(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

std::string text_of(const std::vector<OffsetRange>& ranges, std::int64_t from) {
  std::string text;
  for (const auto& [first, end] : ranges) {
    text += fmt::format("{}{}+{}", text.empty() ? "" : ",", first - from, end - first);
    from = end;
  }
  return text;
}

// Parses "skip+length,skip+length": how many offsets are not done, then how many are.
std::optional<std::vector<OffsetRange>> ranges_of(std::string_view text, std::int64_t from) {
  const std::int64_t last = from + kFarthest;
  std::vector<OffsetRange> ranges;
  while (!text.empty()) {
    std::string_view lengths = cut(text, ',');
    const auto skip = number<std::int64_t>(cut(lengths, '+'));
    const auto length = number<std::int64_t>(lengths);
    if (!skip || !length || *skip < 1 || *length < 1 || *skip > last - from || *length > last - from - *skip) return {};
    ranges.push_back({from + *skip, from + *skip + *length});
    from = ranges.back().end;
  }
  return ranges;
}

}  // namespace

std::string encode(const CommitMetadata& metadata, std::size_t largest) {
  std::string text = fmt::format("{} run={:x} offset={} open={} lease={}", kName, metadata.run, metadata.offset,
                                 metadata.open ? 1 : 0, metadata.lease_end);
  if (metadata.crash_count > 0) text += fmt::format(" strikes={} region={}", metadata.crash_count, metadata.region_end);
  if (metadata.suspect) text += fmt::format(" suspect={}", *metadata.suspect);
  if (metadata.last_suspect) text += fmt::format(" accused={} deaths={}", *metadata.last_suspect, metadata.deaths);
  if (metadata.topic_began_with > 0) text += fmt::format(" partitions={}", metadata.topic_began_with);
  if (metadata.waits) text += " waits=1";
  if (metadata.condemned > 0)
    text += fmt::format(" condemned={} since={}", metadata.condemned, metadata.condemned_since);
  if (!metadata.done.empty()) {
    const std::string done = fmt::format(" done={}", text_of(metadata.done, metadata.offset));
    if (text.size() + done.size() <= largest) text += done;
  }
  return text.size() <= largest ? text : std::string();
}

std::optional<CommitMetadata> decode_commit_metadata(std::string_view text, std::int64_t committed) {
  if (text.size() > kLargestMetadata || cut(text, ' ') != kName) return {};
  CommitMetadata metadata{.offset = -1};
  const auto take = [](auto& field, auto value) {
    if (value) field = *value;
    return value.has_value();
  };
  while (!text.empty()) {
    std::string_view value = cut(text, ' ');
    const std::string_view name = cut(value, '=');
    bool good = true;
    if (name == "run") {
      good = take(metadata.run, number<std::uint64_t>(value, 16));
    } else if (name == "offset") {
      good = take(metadata.offset, number<std::int64_t>(value)) && metadata.offset == committed;
    } else if (name == "open") {
      good = value == "0" || value == "1";
      metadata.open = value == "1";
    } else if (name == "lease") {
      good = take(metadata.lease_end, number<std::int64_t>(value));
    } else if (name == "strikes") {
      good = take(metadata.crash_count, number<int>(value));
    } else if (name == "region") {
      good = take(metadata.region_end, number<std::int64_t>(value));
    } else if (name == "suspect") {
      good = take(metadata.suspect, number<std::int64_t>(value));
    } else if (name == "accused") {
      good = take(metadata.last_suspect, number<std::int64_t>(value));
    } else if (name == "deaths") {
      good = take(metadata.deaths, number<int>(value));
    } else if (name == "waits") {
      good = value == "0" || value == "1";
      metadata.waits = value == "1";
    } else if (name == "condemned") {
      good = take(metadata.condemned, number<int>(value));
    } else if (name == "since") {
      good = take(metadata.condemned_since, number<std::int64_t>(value));
    } else if (name == "partitions") {
      good = take(metadata.topic_began_with, number<std::int32_t>(value));
    } else if (name == "done" && metadata.offset >= 0) {
      good = take(metadata.done, ranges_of(value, metadata.offset));
    }  // skip fields that newer versions add
    if (!good) return {};
  }
  const auto near = [&](std::int64_t offset) { return offset >= 0 && offset - kFarthest <= metadata.offset; };
  const bool sound = metadata.offset >= 0 && metadata.crash_count >= 0 && metadata.deaths >= 0 &&
                     metadata.condemned >= 0 && metadata.topic_began_with >= 0 && metadata.condemned_since >= 0 &&
                     metadata.lease_end >= 0 && near(metadata.lease_end) && near(metadata.region_end) &&
                     (!metadata.suspect || near(*metadata.suspect)) &&
                     (!metadata.last_suspect || near(*metadata.last_suspect));
  if (!sound) return {};
  return metadata;
}

std::optional<std::int32_t> topic_began_with(std::string_view text, std::int64_t committed) {
  const auto metadata = decode_commit_metadata(text, committed);
  if (!metadata || metadata->topic_began_with == 0) return {};
  return metadata->topic_began_with;
}

}  // namespace conveyor::worker
