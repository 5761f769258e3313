#include "kafka/start_place.h"

#include <algorithm>

namespace conveyor::kafka {

LatestStart start_at_latest(std::int32_t partition, std::span<const CommittedPlace> topic) noexcept {
  const bool begun = std::ranges::any_of(topic, &CommittedPlace::committed);
  if (!begun) return {.at_end = true, .partitions = static_cast<std::int32_t>(topic.size())};
  std::optional<std::int32_t> partitions;
  for (const CommittedPlace& place : topic) {
    if (place.partitions) partitions = std::min(partitions.value_or(*place.partitions), *place.partitions);
  }
  return {.at_end = partition < partitions.value_or(0), .partitions = partitions.value_or(0)};
}

}  // namespace conveyor::kafka
