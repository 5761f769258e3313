#include "transactions/transaction_committer.h"

#include <utility>

#include "transactions/refused_outputs.h"
#include "transactions/transaction_errors.h"

namespace conveyor::worker {

void TransactionCommitter::commit(FinishedInputs batch) {
  Backoff backoff;
  while (!batch.empty()) {
    if (context_.state.dead) return give_up(batch, "the worker stops");
    const auto offsets = offsets_of(batch, context_.group.largest_metadata());
    const Outcome outcome = attempt_.run(batch, offsets);
    if (outcome.result == Result::kOk) return complete(batch, offsets);
    if (outcome.result == Result::kAgain) return give_up(batch, outcome.text);  // the worker stops
    record_trouble(batch, outcome);
    if (!may_try_again(batch, outcome)) return;
    context_.leave_out_released(batch);
    context_.calls.wait(backoff.next());
  }
}

void TransactionCommitter::complete(const FinishedInputs& batch, const std::vector<TransactionOffset>& offsets) {
  ever_committed_ = true;
  {
    const MutexLock lock{context_.state.mutex};
    context_.state.batcher.committed();
  }
  for (const auto& each : offsets) each.partition->stored_offset.committed(context_.clock.now());
  for (const auto& input : batch) context_.listener.committed(input, stored_with(input, offsets));
}

void TransactionCommitter::record_trouble(const FinishedInputs& batch, const Outcome& outcome) {
  if (outcome.result != Result::kFenced && !any_released(batch) && is_trouble(outcome)) {
    fencing_.troubled(context_.clock.now());
  }
  if (outcome.error == RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE) context_.group.shorten_metadata();
}

bool TransactionCommitter::may_try_again(FinishedInputs& batch, Outcome outcome) {
  if (outcome.result == Result::kAbort) {
    context_.events.done_again(batch.size(), outcome.text);
    const Outcome why = std::exchange(
        outcome, context_.calls.insist("aborting a transaction", [&] { return context_.client->abort(kCallSlice); }));
    if (outcome.result == Result::kOk && is_not_allowed(why)) return may_wait_for_right(batch, why);
  }
  if (outcome.result == Result::kFenced && !fencing_.may_be_ours(context_.clock.now())) {
    end(context_.events.fenced(outcome.text), batch, outcome.text);
    return false;
  }
  if (outcome.result == Result::kOk) return !hand_back_refused(context_, batch);
  if (!recovery_.recover(batch)) {
    give_up(batch, outcome.text);
    return false;
  }
  context_.events.producer_recreated(outcome.text);
  return true;
}

bool TransactionCommitter::may_wait_for_right(FinishedInputs& batch, const Outcome& why) {
  static_cast<void>(context_.client->take_failed());  // they do not concern a single input
  if (ever_committed_) {
    context_.events.inputs_wait(batch, why);
    return true;
  }
  end(context_.events.not_allowed(why.text), batch, why.text);
  return false;
}

void TransactionCommitter::end(const Error& error, FinishedInputs& batch, std::string_view why) {
  context_.state.dead = true;
  context_.listener.failed(error);
  give_up(batch, why);
}

void TransactionCommitter::give_up(FinishedInputs& batch, std::string_view why) {
  context_.events.given_up(batch.size(), why);
  for (auto& input : batch) {
    input.task.incoming.partition->in_doubt = true;
    context_.listener.uncommitted(std::move(input));
  }
}

}  // namespace conveyor::worker
