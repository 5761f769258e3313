#include "kafka/waiting_partitions.h"

#include <algorithm>
#include <utility>

namespace conveyor::kafka {

WaitingPartitions::Waiting* WaitingPartitions::find(const TopicPartition& where) noexcept {
  const auto found = std::ranges::find(waiting_, where, [](const Waiting& each) { return each.assigned.where; });
  return found != waiting_.end() ? &*found : nullptr;
}

void WaitingPartitions::wait_for(Assigned assigned, std::string why, Clock::time_point now) {
  waiting_.push_back({.assigned = std::move(assigned), .since = now, .why = std::move(why)});
}

bool WaitingPartitions::found(const TopicPartition& where, StartOffset start_offset) {
  Waiting* waiting = find(where);
  if (waiting == nullptr) return false;
  waiting->assigned.start_offset = std::move(start_offset);
  waiting->known = true;
  return true;
}

void WaitingPartitions::not_found(const TopicPartition& where, std::string why) {
  if (Waiting* waiting = find(where); waiting != nullptr && !waiting->known) waiting->why = std::move(why);
}

std::vector<Assigned> WaitingPartitions::take_known(bool all) {
  if (all && !std::ranges::all_of(waiting_, &Waiting::known)) return {};
  std::vector<Assigned> taken;
  for (Waiting& each : waiting_) {
    if (each.known) taken.push_back(std::move(each.assigned));
  }
  std::erase_if(waiting_, [](const Waiting& each) { return each.known; });
  return taken;
}

std::vector<TopicPartition> WaitingPartitions::unknown() const {
  std::vector<TopicPartition> partitions;
  for (const Waiting& each : waiting_) {
    if (!each.known) partitions.push_back(each.assigned.where);
  }
  return partitions;
}

void WaitingPartitions::forget(std::span<const TopicPartition> partitions) {
  std::erase_if(waiting_, [&](const Waiting& each) {
    return std::ranges::find(partitions, each.assigned.where) != partitions.end();
  });
}

const WaitingPartitions::Waiting* WaitingPartitions::overdue(Clock::time_point now) const noexcept {
  const auto found =
      std::ranges::find_if(waiting_, [&](const Waiting& each) { return !each.known && now - each.since >= patience_; });
  return found != waiting_.end() ? &*found : nullptr;
}

}  // namespace conveyor::kafka
