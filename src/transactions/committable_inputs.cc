#include "transactions/committable_inputs.h"

#include <utility>

namespace conveyor::worker {

void CommittableInputs::begin(const PartitionPtr& partition, std::int64_t offset) {
  Log& log = logs_[partition.get()];
  if (!log.partition) log.partition = partition;
  if (log.inputs.emplace(offset, std::nullopt).second) ++begun_;
}

std::vector<PartitionPtr> CommittableInputs::partitions() const {
  std::vector<PartitionPtr> partitions;
  for (const auto& [partition, log] : logs_) partitions.push_back(log.partition);
  return partitions;
}

// Starts behind the inputs that are ready: thousands may be, while a transaction is being committed.
void CommittableInputs::count(Log& log) {
  ready_ -= log.ready;
  auto at = log.ready == 0 ? log.inputs.begin() : log.inputs.upper_bound(log.last_ready);
  for (; at != log.inputs.end() && at->second; ++at) {
    ++log.ready;
    log.last_ready = at->first;
  }
  ready_ += log.ready;
}

void CommittableInputs::count_again(Log& log) {
  ready_ -= std::exchange(log.ready, 0);
  count(log);
}

std::optional<FinishedInput> CommittableInputs::finish(FinishedInput input) {
  const auto log = logs_.find(input.task.incoming.partition.get());
  if (log == logs_.end()) return input;
  const auto entry = log->second.inputs.find(input.task.incoming.offset);
  if (entry == log->second.inputs.end()) return input;
  entry->second = std::move(input);
  count(log->second);
  return {};
}

std::vector<FinishedInput> CommittableInputs::take(std::size_t most) {
  std::vector<FinishedInput> taken;
  for (auto& [partition, log] : logs_) {
    while (log.ready > 0 && taken.size() < most) {
      taken.push_back(*std::move(log.inputs.begin()->second));
      log.inputs.erase(log.inputs.begin());
      --log.ready;
      --ready_;
      --begun_;
    }
  }
  return taken;
}

void CommittableInputs::put_back(std::vector<FinishedInput> inputs) {
  for (auto& input : inputs) {
    Log& log = logs_[input.task.incoming.partition.get()];
    if (!log.partition) log.partition = input.task.incoming.partition;
    const std::int64_t offset = input.task.incoming.offset;
    log.inputs.insert_or_assign(offset, std::move(input));
    ++begun_;
  }
  for (auto& [partition, log] : logs_) count_again(log);
}

std::optional<Task> CommittableInputs::reopen(const Partition& partition, std::int64_t offset) {
  const auto log = logs_.find(&partition);
  if (log == logs_.end()) return {};
  const auto entry = log->second.inputs.find(offset);
  if (entry == log->second.inputs.end() || !entry->second) return {};
  Task task = std::move(entry->second->task);
  entry->second.reset();
  count_again(log->second);
  return task;
}

std::vector<FinishedInput> CommittableInputs::block(const Partition& partition, std::int64_t offset) {
  std::vector<FinishedInput> hopeless;
  const auto log = logs_.find(&partition);
  if (log == logs_.end()) return hopeless;
  auto& inputs = log->second.inputs;
  for (auto entry = inputs.lower_bound(offset); entry != inputs.end(); entry = inputs.erase(entry)) {
    if (entry->second) hopeless.push_back(*std::move(entry->second));
    --begun_;
  }
  count_again(log->second);
  return hopeless;
}

std::vector<FinishedInput> CommittableInputs::drop(const Partition& partition) {
  auto finished = block(partition, 0);
  logs_.erase(&partition);
  return finished;
}

}  // namespace conveyor::worker
