#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_RECOVERY_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_RECOVERY_H_

#include <utility>

#include "kafka/transactional_producer.h"
#include "transactions/transaction_context.h"

namespace conveyor::worker {

/// What happens when a client failed permanently, or the end of a transaction is not known: a new client with the same
/// id ends the transaction. If its commit had been requested, the group's committed offsets tell whether it was
/// committed. If not, the group is not asked: its coordinator may be frozen, or may answer from before it
/// was.
class TransactionRecovery {
 public:
  TransactionRecovery(const TransactionContext& context, kafka::MakeTransactionalProducer make_client)
      : context_(context), make_client_(std::move(make_client)) {}

  /// Leaves in the batch the inputs that were not committed and are still wanted.
  /// @return false when none is to be tried again, because the worker stops or cannot use transactions any more
  [[nodiscard]] bool recover(FinishedInputs& batch);

 private:
  using Outcome = TransactionContext::Outcome;
  using Result = TransactionContext::Result;

  [[nodiscard]] bool replace_client();
  [[nodiscard]] bool was_asked_to_commit() const;
  /// @return false when that is not known
  [[nodiscard]] bool leave_out_committed(FinishedInputs& batch);

  const TransactionContext context_;
  const kafka::MakeTransactionalProducer make_client_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_RECOVERY_H_
