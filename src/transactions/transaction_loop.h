#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_LOOP_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_LOOP_H_

#include "base/thread_annotations.h"
#include "transactions/transaction_committer.h"
#include "transactions/transaction_context.h"

namespace conveyor::worker {

/// Takes the ready inputs when a transaction is due, and commits them, again and again.
///
/// Thread safety: one thread, the transaction thread.
class TransactionLoop {
 public:
  TransactionLoop(const TransactionContext& context, TransactionCommitter& committer)
      : state_(context.state), clock_(context.clock), listener_(context.listener), committer_(committer) {}

  /// Waits until a transaction is due, and commits it. @return false when the worker stops and no input is ready
  [[nodiscard]] bool run_once();

 private:
  [[nodiscard]] bool wait_until_due(MutexLock& lock) CONVEYOR_REQUIRES(state_.mutex);
  /// An exception ends the worker.
  void commit_guarded(FinishedInputs batch) noexcept;
  void broke(const char* what) noexcept;

  TransactionState& state_;
  kafka::WaitableClock& clock_;
  TransactionListener& listener_;
  TransactionCommitter& committer_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_LOOP_H_
