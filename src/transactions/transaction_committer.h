#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_COMMITTER_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_COMMITTER_H_

#include <string>
#include <string_view>

#include "kafka/transactional_producer.h"
#include "transactions/fencing_watch.h"
#include "transactions/transaction_attempt.h"
#include "transactions/transaction_context.h"
#include "transactions/transaction_offsets.h"
#include "transactions/transaction_recovery.h"

namespace conveyor::worker {

/// Sends the outputs of a batch of inputs and commits the inputs, in one Kafka transaction. A failed transaction is
/// repeated with the same outputs, if necessary by another client.
///
/// Thread safety: one thread, the transaction thread.
class TransactionCommitter {
 public:
  TransactionCommitter(const TransactionContext& context, const kafka::MakeTransactionalProducer& make_client)
      : context_(context),
        fencing_(context.options.transaction_timeout),
        attempt_(context, fencing_),
        recovery_(context, make_client) {}

  /// On return each input is committed, failed, released, or back in the batcher. @param batch the one in the
  /// TransactionState
  void commit(FinishedInputs batch);

 private:
  using Outcome = TransactionContext::Outcome;
  using Result = TransactionContext::Result;

  void complete(const FinishedInputs& batch, const std::vector<TransactionOffset>& offsets);
  /// Ends a failed attempt. @return whether to try again with the rest of the batch
  [[nodiscard]] bool may_try_again(FinishedInputs& batch, Outcome outcome);
  /// The user lacks a right. @return whether to try again
  [[nodiscard]] bool may_wait_for_right(FinishedInputs& batch, const Outcome& why);
  void record_trouble(const FinishedInputs& batch, const Outcome& outcome);
  void end(const Error& error, FinishedInputs& batch, std::string_view why);
  void give_up(FinishedInputs& batch, std::string_view why);

  const TransactionContext context_;
  FencingWatch fencing_;
  TransactionAttempt attempt_;
  TransactionRecovery recovery_;
  bool ever_committed_ = false;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_COMMITTER_H_
