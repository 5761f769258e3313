#ifndef CONVEYOR_SRC_TRANSACTIONS_STORED_OFFSET_CHECK_H_
#define CONVEYOR_SRC_TRANSACTIONS_STORED_OFFSET_CHECK_H_

#include <chrono>
#include <span>
#include <vector>

#include "consume/answer_limit.h"
#include "transactions/transaction_context.h"
#include "transactions/transaction_offsets.h"

namespace conveyor::worker {

/// Asks the group, before a transaction commits offsets, whether it still has those before them: offsets that are
/// committed for a topic that was recreated would pass over its records, see LogWatch.
class StoredOffsetCheck {
 public:
  explicit StoredOffsetCheck(const TransactionContext& context) : context_(context) {}

  using Outcome = TransactionContext::Outcome;

  /// Before anything is sent: asks until the group tells, or AnswerLimit lets it go on without an answer.
  [[nodiscard]] Outcome ask_first(const FinishedInputs& batch, const std::vector<TransactionOffset>& offsets);
  /// Sending the outputs may have taken long. Then one more question must do, which takes no more than a part of the
  /// time that a transaction has.
  [[nodiscard]] Outcome ask_again_if_old(const std::vector<TransactionOffset>& offsets);

 private:
  using Result = TransactionContext::Result;
  using Partitions = std::span<const PartitionPtr>;

  /// What the group said of partitions.
  struct Answer {
    Outcome outcome = {};   ///< kAbort: a topic was recreated
    bool all_told = false;  ///< of all that are to be committed and were asked about
  };
  [[nodiscard]] Answer ask(Partitions committed, Partitions asked, std::chrono::milliseconds within);
  [[nodiscard]] Outcome ask_until_told(Partitions committed, Partitions asked, AnswerLimit& limit);
  [[nodiscard]] std::vector<PartitionPtr> partitions_begun() const;

  const TransactionContext context_;
  kafka::WaitableClock::TimePoint known_at_ = {};  // what the group has committed was asked then
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_STORED_OFFSET_CHECK_H_
