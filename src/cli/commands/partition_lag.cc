#include "cli/commands/partition_lag.h"

#include <fmt/format.h>

#include <utility>

namespace conveyor::cli {

using std::chrono::milliseconds;

std::vector<PartitionLag> partitions_of(const kafka::GroupFacts& group, const kafka::CommittedFacts& committed,
                                        const std::vector<std::string>& topics) {
  std::map<std::pair<std::string_view, std::int32_t>, PartitionLag> found;
  const auto entry_of = [&](const kafka::TopicPartition& where) -> PartitionLag* {
    if (!topics.empty() && std::ranges::find(topics, where.topic) == topics.end()) return nullptr;
    auto& entry = found[{where.topic, where.partition}];
    entry.group = committed.group;
    entry.where = where;
    return &entry;
  };
  for (const auto& [where, offset] : committed.offsets) {
    if (PartitionLag* entry = entry_of(where)) entry->committed = offset;
  }
  for (const auto& member : group.members) {
    for (const auto& where : member.partitions) {
      PartitionLag* entry = entry_of(where);
      if (entry == nullptr) continue;
      entry->client_id = member.client_id;
      entry->host = member.host;
    }
  }
  std::vector<PartitionLag> partitions;
  for (auto& [where, entry] : found) partitions.push_back(std::move(entry));
  return partitions;
}

GroupTotal total_of(const std::vector<PartitionLag>& partitions, const std::string& group) {
  GroupTotal total;
  for (const PartitionLag& partition : partitions) {
    if (partition.group != group) continue;
    total.lag += std::max<std::int64_t>(partition.lag().value_or(0), 0);
    if (partition.age) total.age = std::max(total.age.value_or(milliseconds(0)), *partition.age);
  }
  return total;
}

std::optional<std::int64_t> LagChanges::change(const PartitionLag& now) {
  const auto lag = now.lag();
  auto [known, is_new] = last_.try_emplace({now.group, now.where.topic, now.where.partition}, lag);
  const auto before = std::exchange(known->second, lag);
  if (is_new || !before || !lag) return {};
  return *lag - *before;
}

std::string age_text(milliseconds age) {
  using namespace std::chrono;
  constexpr auto kShowsTenths = seconds(10);
  if (age < kShowsTenths) return fmt::format("{:.1f}s", static_cast<double>(age.count()) / 1e3);
  const auto whole = duration_cast<seconds>(age);
  if (whole < minutes(1)) return fmt::format("{}s", whole.count());
  if (whole < hours(1)) return fmt::format("{}m{:02}s", floor<minutes>(whole).count(), (whole % minutes(1)).count());
  if (whole < days(1)) {
    return fmt::format("{}h{:02}m", floor<hours>(whole).count(), floor<minutes>(whole % hours(1)).count());
  }
  return fmt::format("{}d{:02}h", floor<days>(whole).count(), floor<hours>(whole % days(1)).count());
}

}  // namespace conveyor::cli
