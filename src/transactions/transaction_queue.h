#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_QUEUE_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_QUEUE_H_

#include <chrono>
#include <cstdint>
#include <span>

#include "produce/waitable_clock.h"
#include "transactions/transaction_listener.h"
#include "transactions/transaction_state.h"

namespace conveyor::worker {

/// The side of transactions that the threads see which read and handle: inputs come in, partitions leave.
///
/// Thread safety: all functions may be called from any thread.
class TransactionQueue {
 public:
  TransactionQueue(TransactionState& state, kafka::WaitableClock& clock, TransactionListener& listener)
      : state_(state), clock_(clock), listener_(listener) {}

  void begin(const PartitionPtr& partition, std::int64_t offset);
  void finish(Task task, Outputs outputs);
  /// Before something of the partition is handled: waits while too much is kept and can be committed.
  void wait_for_room(const Partition& partition);
  /// The record will not be finished by us.
  void block(const Partition& partition, std::int64_t offset);
  /// No transaction will commit anything of these partitions any more. Waits for one that is asked to commit.
  /// @return false when that is not certain within the time
  [[nodiscard]] bool release(std::span<const PartitionPtr> partitions, std::chrono::milliseconds within);

 private:
  [[nodiscard]] bool has_room_for(const Partition& partition) const CONVEYOR_REQUIRES(state_.mutex);
  /// A transaction is asked to commit something of them; one that is not leaves them out before it is.
  [[nodiscard]] bool may_commit(std::span<const PartitionPtr> partitions) const CONVEYOR_REQUIRES(state_.mutex);

  TransactionState& state_;
  kafka::WaitableClock& clock_;
  TransactionListener& listener_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_QUEUE_H_
