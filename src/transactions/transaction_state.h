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

/// What the threads that read, handle and give partitions back share with the one that transacts.
struct TransactionState {
  /// @param commit_interval see TransactionBatcher @param most_kept see KeptOutputs
  TransactionState(std::chrono::milliseconds commit_interval, std::size_t most_kept)
      : batcher(commit_interval), kept(most_kept) {}

  /// The batch is what the transaction is about.
  void take_in(const FinishedInputs& batch) CONVEYOR_REQUIRES(mutex);
  /// Takes out of the batch what nobody wants to be committed any more: who waits for a partition to leave need not
  /// wait for the others' transaction.
  void leave_out_released(FinishedInputs& batch) CONVEYOR_REQUIRES(mutex);

  Mutex mutex;
  std::condition_variable changed;
  TransactionBatcher batcher CONVEYOR_GUARDED_BY(mutex);
  std::set<PartitionPtr> in_transaction CONVEYOR_GUARDED_BY(mutex);
  /// In this attempt: how it ended may not be known. Set by the thread that transacts.
  bool asked_to_commit CONVEYOR_GUARDED_BY(mutex) = false;
  int releasing CONVEYOR_GUARDED_BY(mutex) = 0;  ///< threads that wait for partitions to leave
  bool stopping CONVEYOR_GUARDED_BY(mutex) = false;

  std::atomic<bool> dead{false};  ///< nothing will be committed any more
  KeptOutputs kept;
};

[[nodiscard]] bool any_released(const FinishedInputs& batch);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_STATE_H_
