#include "transactions/transaction_attempt.h"

namespace conveyor::worker {

TransactionAttempt::Outcome TransactionAttempt::run(const FinishedInputs& batch,
                                                    const std::vector<TransactionOffset>& offsets) {
  fencing_.begun(context_.clock.now());
  set_not_asked_to_commit();
  Outcome begun = context_.calls.insist("beginning a transaction", [&] { return context_.client->begin(); });
  if (begun.result != Result::kOk) return begun;
  // Ask before the first output is sent: from then on the brokers count the transaction's time.
  if (Outcome outcome = check_.ask_first(batch, offsets); outcome.result != Result::kOk) return outcome;
  fencing_.begun(context_.clock.now());
  if (Outcome outcome = produce(batch); outcome.result != Result::kOk) return outcome;
  return commit_offsets(batch, offsets);
}

TransactionAttempt::Outcome TransactionAttempt::produce(const FinishedInputs& batch) {
  for (const auto& input : batch) {
    context_.client->keep(input.outputs);
    for (const auto& send : *input.outputs) {
      Outcome outcome = context_.calls.insist("sending outputs", [&] { return context_.client->produce(*send); });
      if (outcome.result != Result::kOk) return outcome;
    }
  }
  return {};
}

TransactionAttempt::Outcome TransactionAttempt::commit_offsets(const FinishedInputs& batch,
                                                               const std::vector<TransactionOffset>& offsets) {
  std::vector<kafka::OffsetToCommit> to_commit;
  for (const auto& each : offsets) to_commit.push_back(each.sent);
  // Get the group metadata before checking that the partitions are still assigned. If they are revoked after the check,
  // the brokers refuse the older metadata.
  const kafka::GroupMetadata group = context_.group.metadata();
  if (any_released(batch)) return TransactionEvents::given_back();
  if (Outcome outcome = check_.ask_again_if_old(offsets); outcome.result != Result::kOk) return outcome;
  if (!group) return TransactionEvents::left_group();
  Outcome outcome = context_.calls.insist("sending offsets to a transaction", [&] {
    return context_.client->send_offsets(to_commit, group.get(), kCallSlice);
  });
  if (outcome.result != Result::kOk) return outcome;
  if (!may_ask_to_commit(batch)) return TransactionEvents::given_back();
  return context_.calls.insist("committing a transaction", [&] { return context_.client->commit(kCallSlice); });
}

void TransactionAttempt::set_not_asked_to_commit() {
  const MutexLock lock{context_.state.mutex};
  context_.state.asked_to_commit = false;
}

bool TransactionAttempt::may_ask_to_commit(const FinishedInputs& batch) {
  const MutexLock lock{context_.state.mutex};
  context_.state.asked_to_commit = !any_released(batch);
  return context_.state.asked_to_commit;
}

}  // namespace conveyor::worker
