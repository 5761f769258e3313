#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "base/edit_distance.h"
#include "cli/commands/tail.h"
#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "kafka/cluster.h"

namespace conveyor::cli {
namespace {

using kafka::TopicPartition;

kafka::TopicFacts find_topic(kafka::Cluster& cluster, const std::string& name) {
  const auto all = cluster.topics();
  const auto found = std::ranges::find(all, name, &kafka::TopicFacts::name);
  if (found == all.end()) {
    std::vector<std::string> names;
    for (const auto& topic : all) names.push_back(topic.name);
    throw Error(errc::unknown_topic,
                fmt::format("there is no topic {}, or this user may not see it{}", name,
                            names.empty() ? "" : fmt::format("; did you mean {}?", closest(name, names))));
  }
  if (!found->error.empty()) throw Error(errc::not_authorized, fmt::format("topic {}: {}", name, found->error));
  return *found;
}

std::vector<TopicPartition> chosen_partitions(const kafka::TopicFacts& topic, const std::vector<std::int32_t>& wanted) {
  const std::string_view name = conveyor::detail::intern_topic(topic.name, {});
  std::vector<TopicPartition> chosen;
  for (const auto& partition : topic.partitions) {
    if (wanted.empty() || std::ranges::find(wanted, partition.partition) != wanted.end()) {
      chosen.push_back({name, partition.partition});
    }
  }
  for (const std::int32_t partition : wanted) {
    if (std::ranges::find(chosen, partition, &TopicPartition::partition) != chosen.end()) continue;
    throw Error(errc::unknown_partition, fmt::format("topic {} has the partitions 0 to {}, no partition {}", topic.name,
                                                     topic.partitions.size() - 1, partition));
  }
  return chosen;
}

/// The offsets at a position's time, where it is one.
std::vector<std::optional<std::int64_t>> offsets_at(kafka::Cluster& cluster, const std::vector<TopicPartition>& where,
                                                    const Position& position) {
  const auto* time = std::get_if<Time>(&position);
  if (time == nullptr) return std::vector<std::optional<std::int64_t>>(where.size(), 0);
  return cluster.offsets_at(where, *time);
}

}  // namespace

std::map<std::int32_t, TailRange> ranges_to_tail(const Config& config, const TailOptions& options,
                                                 const std::stop_token& stop) {
  const Time now = std::chrono::system_clock::now();
  kafka::Cluster cluster(config, {.stop = stop, .patience = std::chrono::seconds(options.wait_seconds)});
  const auto where = chosen_partitions(find_topic(cluster, options.topic), options.partitions);
  const Position from = *parse_position(options.from, now);
  const Position to = options.to.empty() ? Position(Latest{}) : *parse_position(options.to, now);
  const auto logs = cluster.log_ranges(where);
  const auto begins = offsets_at(cluster, where, from);
  const auto ends = offsets_at(cluster, where, to);
  std::map<std::int32_t, TailRange> ranges;
  for (std::size_t i = 0; i < where.size(); ++i) {
    if (!logs[i] || !begins[i] || !ends[i]) {
      throw Error(errc::broker_unreachable, fmt::format("the leader of {} [{}] did not tell its offsets within {} s",
                                                        options.topic, where[i].partition, options.wait_seconds));
    }
    const std::int64_t end = options.follow && options.to.empty() ? std::numeric_limits<std::int64_t>::max()
                                                                  : end_of(to, *logs[i], *ends[i]);
    ranges[where[i].partition] = {.begin = begin_of(from, *logs[i], *begins[i]), .end = end};
  }
  return ranges;
}

}  // namespace conveyor::cli
