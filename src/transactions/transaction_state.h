#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_STATE_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_STATE_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <set>

#include "base/thread_annotations.h"
#include "transactions/kept_outputs.h"
#include "transactions/transaction_batcher.h"

namespace conveyor::worker {

/// What the threads that read, handle and revoke share with the transaction thread.
struct TransactionState {
  /// @param commit_interval see TransactionBatcher
  /// @param most_kept see KeptOutputs
  TransactionState(std::chrono::milliseconds commit_interval, std::size_t most_kept)
      : batcher(commit_interval), kept(most_kept) {}

  /// The transaction is about this batch.
  void take_in(const FinishedInputs& batch) CONVEYOR_REQUIRES(mutex);
  /// Removes from the batch the inputs of released partitions, so that a partition that leaves does not wait for a
  /// transaction of other partitions.
  void leave_out_released(FinishedInputs& batch) CONVEYOR_REQUIRES(mutex);

  Mutex mutex;
  std::condition_variable changed;
  TransactionBatcher batcher CONVEYOR_GUARDED_BY(mutex);
  std::set<PartitionPtr> in_transaction CONVEYOR_GUARDED_BY(mutex);
  /// Whether the commit of this attempt was requested, so that its end may be unknown. Set by the transaction thread.
  bool asked_to_commit CONVEYOR_GUARDED_BY(mutex) = false;
  int releasing CONVEYOR_GUARDED_BY(mutex) = 0;  ///< threads that wait for partitions to leave
  bool stopping CONVEYOR_GUARDED_BY(mutex) = false;

  std::atomic<bool> dead{false};  ///< nothing will be committed any more
  KeptOutputs kept;
};

[[nodiscard]] bool any_released(const FinishedInputs& batch);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_STATE_H_
