#include "transactions/offset_question.h"

#include <algorithm>

namespace conveyor::worker {

std::vector<PartitionPtr> partitions_to_ask_about(std::span<const PartitionPtr> committed,
                                                  std::span<const PartitionPtr> held,
                                                  StoredOffsetWatch::Clock::time_point now) {
  const auto has_one = [](const PartitionPtr& each) { return each->log.is_stored(); };
  const auto must_ask = [&](const auto& each) { return has_one(each) && each->stored_offset.must_ask(now); };
  if (std::ranges::none_of(committed, must_ask)) return {};
  std::vector<PartitionPtr> asked;
  const auto add = [&](const PartitionPtr& each) {
    if (has_one(each) && each->stored_offset.may_ask(now)) asked.push_back(each);
  };
  std::ranges::for_each(held, add);
  for (const PartitionPtr& each : committed) {
    if (std::ranges::find(held, each) == held.end()) add(each);  // revoked a moment ago
  }
  return asked;
}

}  // namespace conveyor::worker
