#include "dead_letters/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "dead_letters/dead_letter_reader.h"
#include "dead_letters/problems.h"

namespace conveyor::detail {

std::vector<kafka::OffsetRange> ranges_to_scan(std::vector<kafka::OffsetRange> all,
                                               const std::map<std::int32_t, std::int64_t>& committed,
                                               const DeadLetterFilter& filter) {
  for (auto& range : all) {
    range.begin = std::max(range.begin, filter.first_offset);
    if (filter.last_offset < range.end) range.end = filter.last_offset + 1;
    if (const auto known = committed.find(range.partition); known != committed.end()) {
      range.begin = std::max(range.begin, known->second);
    }
  }
  std::erase_if(all, [&](const auto& range) {
    return range.begin >= range.end || (filter.partition && *filter.partition != range.partition);
  });
  return all;
}

Scan::Scan(const Config& config, std::string_view topic, const DeadLetterFilter& filter,
           kafka::TopicReaderOptions options)
    : bootstrap_servers_(config.bootstrap_servers),
      topic_(intern_topic(topic, {})),
      filter_(filter),
      reader_(config, std::string(topic_), std::move(options)) {}

DeadLettersReport Scan::run(bool of_group, const std::function<void(const DeadLetter&)>& matched,
                            const std::function<void(const DeadLetterProblem&)>& passed) {
  DeadLettersReport report;
  try {
    auto ranges = find(of_group);
    reader_.start(ranges);
    for (auto& range : ranges) {
      while (report.matched < filter_.limit) {
        const kafka::ConsumedRecord record = reader_.read(range);
        if (!record) break;
        take(record, report, matched, passed);
      }
    }
  } catch (const Error& error) {
    if (error.code() != errc::stopped || !reader_.stopped()) throw;
  }
  report.stopped = reader_.stopped();
  return report;
}

std::vector<kafka::OffsetRange> Scan::find(bool of_group) {
  const std::int32_t count = reader_.partitions_of(std::string(topic_));
  if (count == 0) {
    throw Error(errc::unknown_topic, fmt::format("topic {} does not exist on {}, or this user may not see it; the "
                                                 "dead letters of a topic lie in another, whose name "
                                                 "ends with DeadLetterOptions::topic_suffix (-dlt, unless changed)",
                                                 topic_, bootstrap_servers_));
  }
  if (filter_.partition && (*filter_.partition < 0 || *filter_.partition >= count)) {
    throw Error(errc::unknown_partition, fmt::format("topic {} on {} has the partitions 0 to {}, no partition {}",
                                                     topic_, bootstrap_servers_, count - 1, *filter_.partition));
  }
  auto all = reader_.ranges(count);
  std::map<std::int32_t, std::int64_t> committed;
  if (of_group) committed = reader_.committed(all);
  return ranges_to_scan(std::move(all), committed, filter_);
}

void Scan::take(const kafka::ConsumedRecord& received, DeadLettersReport& report,
                const std::function<void(const DeadLetter&)>& matched,
                const std::function<void(const DeadLetterProblem&)>& passed) const {
  Record record;
  received.fill_record(topic_, record);
  const DeadLetterProblem position{.partition = record.partition, .offset = record.offset};
  if (!lies_where_wanted(filter_, record)) return passed(position);
  const auto value = received.is_tombstone() ? std::nullopt : std::optional(received.value());
  auto read = dead_letter_of(std::move(record), value);
  if (auto* foreign = std::get_if<Foreign>(&read)) {
    ++report.foreign;
    add_problem(report.problems, {position.partition, position.offset, std::move(foreign->why)});
    return passed(position);
  }
  const auto& letter = std::get<DeadLetter>(read);
  if (!wanted(filter_, letter)) return passed(position);
  ++report.matched;
  matched(letter);
}

}  // namespace conveyor::detail
