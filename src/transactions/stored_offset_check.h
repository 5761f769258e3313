#ifndef CONVEYOR_SRC_TRANSACTIONS_STORED_OFFSET_CHECK_H_
#define CONVEYOR_SRC_TRANSACTIONS_STORED_OFFSET_CHECK_H_

#include <chrono>
#include <span>
#include <vector>

#include "consume/answer_limit.h"
#include "transactions/transaction_context.h"
#include "transactions/transaction_offsets.h"

namespace conveyor::worker {

/// Asks the group, before a transaction commits offsets, whether it still has the previous offsets. Offsets that are
/// committed for a recreated topic would skip its records: see ReplacedLogWatch.
class StoredOffsetCheck {
 public:
  explicit StoredOffsetCheck(const TransactionContext& context) : context_(context) {}

  using Outcome = TransactionContext::Outcome;

  /// Before anything is sent: asks until the group answers, or until AnswerLimit permits it without an answer.
  [[nodiscard]] Outcome ask_first(const FinishedInputs& batch, const std::vector<TransactionOffset>& offsets);
  /// If sending the outputs took long, asks once more, for at most a part of the transaction's time.
  [[nodiscard]] Outcome ask_again_if_old(const std::vector<TransactionOffset>& offsets);

 private:
  using Result = TransactionContext::Result;
  using Partitions = std::span<const PartitionPtr>;

  /// The group's answer about partitions.
  struct Answer {
    Outcome outcome = {};   ///< kAbort: a topic was recreated
    bool all_told = false;  ///< whether all partitions that are to be committed and were asked about have an answer
  };
  [[nodiscard]] Answer ask(Partitions committed, Partitions asked, std::chrono::milliseconds within);
  [[nodiscard]] Outcome ask_until_told(Partitions committed, Partitions asked, AnswerLimit& limit);
  [[nodiscard]] std::vector<PartitionPtr> partitions_begun() const;

  const TransactionContext context_;
  kafka::WaitableClock::TimePoint known_at_ = {};  // when the known committed offsets were asked for
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_STORED_OFFSET_CHECK_H_
