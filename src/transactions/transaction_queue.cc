#include "transactions/transaction_queue.h"

#include <optional>
#include <utility>

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookAgainAfter{50};

}  // namespace

void TransactionQueue::begin(const PartitionPtr& partition, std::int64_t offset) {
  const MutexLock lock{state_.mutex};
  state_.batcher.begin(partition, offset);
}

void TransactionQueue::finish(Task task, Outputs outputs) {
  FinishedInput input{std::move(task), state_.kept.keep(std::move(outputs))};
  std::optional<FinishedInput> hopeless;
  {
    const MutexLock lock{state_.mutex};
    hopeless = state_.dead ? std::optional(std::move(input)) : state_.batcher.finish(std::move(input), clock_.now());
  }
  if (hopeless) {
    listener_.uncommitted(*std::move(hopeless));
  } else {
    state_.changed.notify_all();
  }
}

void TransactionQueue::wait_for_room(const Partition& partition) {
  if (!state_.kept.full()) return;
  MutexLock lock{state_.mutex};
  while (!has_room_for(partition)) clock_.wait(state_.changed, lock, clock_.now() + kLookAgainAfter);
}

bool TransactionQueue::has_room_for(const Partition& partition) const {
  // While nothing can be committed, the kept outputs wait for earlier records, and this record may be one of them.
  const bool nothing_moves = !state_.batcher.any_ready() && state_.in_transaction.empty();
  return !state_.kept.full() || nothing_moves || partition.leaving() || state_.stopping || state_.dead;
}

void TransactionQueue::block(const Partition& partition, std::int64_t offset) {
  FinishedInputs hopeless;
  {
    const MutexLock lock{state_.mutex};
    hopeless = state_.batcher.block(partition, offset);
  }
  state_.changed.notify_all();
  for (auto& input : hopeless) listener_.uncommitted(std::move(input));
}

bool TransactionQueue::release(std::span<const PartitionPtr> partitions, milliseconds within) {
  MutexLock lock{state_.mutex};
  for (const auto& partition : partitions) {
    partition->released = true;
    static_cast<void>(state_.batcher.drop(*partition));
  }
  ++state_.releasing;
  state_.changed.notify_all();
  const auto until = clock_.now() + within;
  while (may_commit(partitions) && clock_.now() < until) clock_.wait(state_.changed, lock, until);
  --state_.releasing;
  return !may_commit(partitions);
}

bool TransactionQueue::may_commit(std::span<const PartitionPtr> partitions) const {
  if (!state_.asked_to_commit) return false;
  for (const auto& partition : partitions) {
    if (state_.in_transaction.contains(partition)) return true;
  }
  return false;
}

}  // namespace conveyor::worker
