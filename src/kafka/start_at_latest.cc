#include "kafka/start_at_latest.h"

#include <algorithm>

namespace conveyor::kafka {

LatestStart start_at_latest(std::int32_t partition, std::span<const CommittedPartition> topic) noexcept {
  const bool begun = std::ranges::any_of(topic, &CommittedPartition::committed);
  if (!begun) return {.at_end = true, .partitions = static_cast<std::int32_t>(topic.size())};
  std::optional<std::int32_t> partitions;
  for (const CommittedPartition& each : topic) {
    if (each.partitions) partitions = std::min(partitions.value_or(*each.partitions), *each.partitions);
  }
  return {.at_end = partition < partitions.value_or(0), .partitions = partitions.value_or(0)};
}

}  // namespace conveyor::kafka
