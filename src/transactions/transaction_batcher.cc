#include "transactions/transaction_batcher.h"

#include <utility>

namespace conveyor::worker {

std::optional<FinishedInput> TransactionBatcher::finish(FinishedInput input, TimePoint now) {
  auto hopeless = inputs_.finish(std::move(input));
  wait_from(now);
  return hopeless;
}

bool TransactionBatcher::due(TimePoint now, bool hurry) const noexcept {
  if (!any_ready()) return false;
  return hurry || inputs_.nothing_else() || inputs_.ready() >= kManyInputs || now >= due_at();
}

TransactionBatcher::TimePoint TransactionBatcher::due_at() const noexcept {
  return any_ready() ? ready_since_ + commit_interval_ : kNever;
}

FinishedInputs TransactionBatcher::take(TimePoint now) {
  FinishedInputs batch = inputs_.take(most_inputs_);
  ready_since_ = any_ready() ? now : kNever;
  return batch;
}

}  // namespace conveyor::worker
