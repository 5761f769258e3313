#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_QUEUE_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_QUEUE_H_

#include <chrono>
#include <cstdint>
#include <span>

#include "produce/waitable_clock.h"
#include "transactions/transaction_listener.h"
#include "transactions/transaction_state.h"

namespace conveyor::worker {

/// The interface of transactions to the threads that read and handle: inputs come in, partitions leave.
///
/// Thread safety: all functions may be called from any thread.
class TransactionQueue {
 public:
  TransactionQueue(TransactionState& state, kafka::WaitableClock& clock, TransactionListener& listener)
      : state_(state), clock_(clock), listener_(listener) {}

  void begin(const PartitionPtr& partition, std::int64_t offset);
  void finish(Task task, Outputs outputs);
  /// Call before something of the partition is handled. Waits while too many outputs are kept and can be committed.
  void wait_for_room(const Partition& partition);
  /// This worker will not finish the record.
  void block(const Partition& partition, std::int64_t offset);
  /// No transaction will commit anything of these partitions any more. Waits for a transaction whose commit was
  /// requested.
  /// @return false when that is not certain within the time
  [[nodiscard]] bool release(std::span<const PartitionPtr> partitions, std::chrono::milliseconds within);

 private:
  [[nodiscard]] bool has_room_for(const Partition& partition) const CONVEYOR_REQUIRES(state_.mutex);
  /// Whether the commit of a transaction with them was requested. A transaction without such a request leaves them out.
  [[nodiscard]] bool may_commit(std::span<const PartitionPtr> partitions) const CONVEYOR_REQUIRES(state_.mutex);

  TransactionState& state_;
  kafka::WaitableClock& clock_;
  TransactionListener& listener_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_QUEUE_H_
