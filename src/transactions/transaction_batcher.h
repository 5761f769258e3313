#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_BATCHER_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_BATCHER_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "transactions/committable_inputs.h"

namespace conveyor::worker {

/// Decides when a transaction is due, and which inputs it takes of those that CommittableInputs say are ready.
///
/// Pure: no threads, no clock, no broker.
class TransactionBatcher {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kMostInputs = 10'000;  ///< the most in one transaction
  static constexpr std::size_t kManyInputs = 100;     ///< enough to commit at once

  /// @param commit_interval how long a ready input may wait for others
  explicit TransactionBatcher(std::chrono::milliseconds commit_interval) : commit_interval_(commit_interval) {}

  // As in CommittableInputs.
  void begin(const PartitionPtr& partition, std::int64_t offset) { inputs_.begin(partition, offset); }
  [[nodiscard]] std::optional<FinishedInput> finish(FinishedInput input, TimePoint now);
  [[nodiscard]] FinishedInputs block(const Partition& partition, std::int64_t offset) {
    return inputs_.block(partition, offset);
  }
  FinishedInputs drop(const Partition& partition) { return inputs_.drop(partition); }
  [[nodiscard]] std::vector<PartitionPtr> partitions() const { return inputs_.partitions(); }
  [[nodiscard]] std::optional<Task> reopen(const Partition& partition, std::int64_t offset) {
    return inputs_.reopen(partition, offset);
  }

  [[nodiscard]] bool any_ready() const noexcept { return inputs_.ready() > 0; }
  /// @param hurry do not wait for more inputs
  [[nodiscard]] bool due(TimePoint now, bool hurry) const noexcept;
  /// When a transaction is due if nothing changes; the end of time while no input is ready.
  [[nodiscard]] TimePoint due_at() const noexcept;

  [[nodiscard]] FinishedInputs take(TimePoint now);
  /// The batch was committed.
  void committed() noexcept { most_inputs_ = std::min(most_inputs_ * 2, kMostInputs); }
  /// The batch was not committed; later transactions take its inputs.
  void put_back(FinishedInputs batch) { inputs_.put_back(std::move(batch)); }
  /// One of these inputs cannot be committed: the next transactions take half as many, until one has it alone, or they
  /// succeed again.
  void halve(std::size_t inputs) noexcept { most_inputs_ = inputs / 2; }
  /// The transaction ended, in whatever way: inputs that became ready meanwhile wait from now on.
  void ended(TimePoint now) noexcept { wait_from(now); }

 private:
  static constexpr TimePoint kNever = TimePoint::max();

  void wait_from(TimePoint now) noexcept {
    if (any_ready() && ready_since_ == kNever) ready_since_ = now;
  }

  const std::chrono::milliseconds commit_interval_;
  CommittableInputs inputs_;
  TimePoint ready_since_ = kNever;
  std::size_t most_inputs_ = kMostInputs;  // fewer while the input that cannot be committed is searched for
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_BATCHER_H_
