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

/// Sends the outputs of a batch of inputs and commits the inputs, in one Kafka transaction; one that fails is done
/// again, by another client if need be, with the same outputs.
///
/// Thread safety: one thread, the one that transacts.
class TransactionCommitter {
 public:
  TransactionCommitter(const TransactionContext& context, const kafka::MakeTransactionalProducer& make_client)
      : context_(context),
        fencing_(context.options.transaction_timeout),
        attempt_(context, fencing_),
        recovery_(context, make_client) {}

  /// On return each input has ended, is back in the batcher, or was released. @param batch is the one in the state
  void commit(FinishedInputs batch);

 private:
  using Outcome = TransactionContext::Outcome;
  using Result = TransactionContext::Result;

  void complete(const FinishedInputs& batch, const std::vector<TransactionOffset>& offsets);
  /// Ends an attempt that failed. @return whether what is left of the batch is to be tried again
  [[nodiscard]] bool may_try_again(FinishedInputs& batch, Outcome outcome);
  /// A right is missing. @return the same
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
