#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ATTEMPT_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ATTEMPT_H_

#include <vector>

#include "transactions/fencing_watch.h"
#include "transactions/stored_offset_check.h"
#include "transactions/transaction_context.h"
#include "transactions/transaction_offsets.h"

namespace conveyor::worker {

/// One attempt at a transaction: its outputs, its offsets, its commit. TransactionCommitter handles failures.
class TransactionAttempt {
 public:
  using Outcome = TransactionContext::Outcome;

  TransactionAttempt(const TransactionContext& context, FencingWatch& fencing)
      : context_(context), fencing_(fencing), check_(context) {}

  /// @return kAgain only when the worker stops
  [[nodiscard]] Outcome run(const FinishedInputs& batch, const std::vector<TransactionOffset>& offsets);

 private:
  using Result = TransactionContext::Result;

  [[nodiscard]] Outcome produce(const FinishedInputs& batch);
  [[nodiscard]] Outcome commit_offsets(const FinishedInputs& batch, const std::vector<TransactionOffset>& offsets);
  void set_not_asked_to_commit();
  /// A partition is released either before the commit, and then left out, or after it, and then its release waits.
  [[nodiscard]] bool may_ask_to_commit(const FinishedInputs& batch);

  const TransactionContext context_;
  FencingWatch& fencing_;
  StoredOffsetCheck check_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ATTEMPT_H_
