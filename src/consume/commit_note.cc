#include "consume/commit_note.h"

#include <fmt/format.h>

#include <charconv>

namespace conveyor::worker {
namespace {

constexpr std::string_view kName = "conveyor1";
constexpr std::int64_t kFarthest = std::int64_t{1} << 32;  // from the offset; farther is not ours

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// The part up to the separator, which is taken off the text.
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

// "skip+length,skip+length"
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

std::string encode(const CommitNote& note, std::size_t largest) {
  std::string text = fmt::format("{} run={:x} offset={} open={} lease={}", kName, note.run, note.offset,
                                 note.open ? 1 : 0, note.lease_end);
  if (note.strikes > 0) text += fmt::format(" strikes={} region={}", note.strikes, note.region_end);
  if (note.suspect) text += fmt::format(" suspect={}", *note.suspect);
  if (note.accused) text += fmt::format(" accused={} deaths={}", *note.accused, note.deaths);
  if (note.topic_began_with > 0) text += fmt::format(" partitions={}", note.topic_began_with);
  if (note.waits) text += " waits=1";
  if (note.condemned > 0) text += fmt::format(" condemned={} since={}", note.condemned, note.condemned_since);
  if (!note.done.empty()) {
    const std::string done = fmt::format(" done={}", text_of(note.done, note.offset));
    if (text.size() + done.size() <= largest) text += done;
  }
  return text.size() <= largest ? text : std::string();
}

std::optional<CommitNote> decode_note(std::string_view text, std::int64_t committed) {
  if (text.size() > kLargestNote || cut(text, ' ') != kName) return {};
  CommitNote note{.offset = -1};
  const auto take = [](auto& field, auto value) {
    if (value) field = *value;
    return value.has_value();
  };
  while (!text.empty()) {
    std::string_view value = cut(text, ' ');
    const std::string_view name = cut(value, '=');
    bool good = true;
    if (name == "run") {
      good = take(note.run, number<std::uint64_t>(value, 16));
    } else if (name == "offset") {
      good = take(note.offset, number<std::int64_t>(value)) && note.offset == committed;
    } else if (name == "open") {
      good = value == "0" || value == "1";
      note.open = value == "1";
    } else if (name == "lease") {
      good = take(note.lease_end, number<std::int64_t>(value));
    } else if (name == "strikes") {
      good = take(note.strikes, number<int>(value));
    } else if (name == "region") {
      good = take(note.region_end, number<std::int64_t>(value));
    } else if (name == "suspect") {
      good = take(note.suspect, number<std::int64_t>(value));
    } else if (name == "accused") {
      good = take(note.accused, number<std::int64_t>(value));
    } else if (name == "deaths") {
      good = take(note.deaths, number<int>(value));
    } else if (name == "waits") {
      good = value == "0" || value == "1";
      note.waits = value == "1";
    } else if (name == "condemned") {
      good = take(note.condemned, number<int>(value));
    } else if (name == "since") {
      good = take(note.condemned_since, number<std::int64_t>(value));
    } else if (name == "partitions") {
      good = take(note.topic_began_with, number<std::int32_t>(value));
    } else if (name == "done" && note.offset >= 0) {
      good = take(note.done, ranges_of(value, note.offset));
    }  // what a newer version adds is passed over
    if (!good) return {};
  }
  const auto near = [&](std::int64_t offset) { return offset >= 0 && offset - kFarthest <= note.offset; };
  const bool sound = note.offset >= 0 && note.strikes >= 0 && note.deaths >= 0 && note.condemned >= 0 &&
                     note.topic_began_with >= 0 && note.condemned_since >= 0 && note.lease_end >= 0 &&
                     near(note.lease_end) && near(note.region_end) && (!note.suspect || near(*note.suspect)) &&
                     (!note.accused || near(*note.accused));
  if (!sound) return {};
  return note;
}

std::optional<std::int32_t> topic_began_with(std::string_view text, std::int64_t committed) {
  const auto note = decode_note(text, committed);
  if (!note || note->topic_began_with == 0) return {};
  return note->topic_began_with;
}

}  // namespace conveyor::worker
