#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_RECOVERY_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_RECOVERY_H_

#include <utility>

#include "kafka/transactional_producer.h"
#include "transactions/transaction_context.h"

namespace conveyor::worker {

/// What is done when a client failed permanently, or the end of a transaction is not known: a new client of the same id
/// ends it. Whether it was committed, where that was asked for, is told by what the group has committed; where it was
/// not, there is no need to ask, and to wait for, a coordinator that may be frozen, or know only what was so before it
/// was.
class TransactionRecovery {
 public:
  TransactionRecovery(const TransactionContext& context, kafka::MakeTransactionalProducer make_client)
      : context_(context), make_client_(std::move(make_client)) {}

  /// Leaves in the batch what was not committed and is still wanted.
  /// @return false when nothing of it is to be done again: the worker stops, or cannot transact any more
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
