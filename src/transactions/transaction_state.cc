#include "transactions/transaction_state.h"

#include <algorithm>

namespace conveyor::worker {
namespace {

bool is_released(const FinishedInput& input) { return input.task.incoming.partition->released.load(); }

}  // namespace

bool any_released(const FinishedInputs& batch) { return std::ranges::any_of(batch, is_released); }

void TransactionState::take_in(const FinishedInputs& batch) {
  in_transaction.clear();
  for (const auto& input : batch) in_transaction.insert(input.task.incoming.partition);
}

void TransactionState::leave_out_released(FinishedInputs& batch) {
  std::erase_if(batch, is_released);
  take_in(batch);
  changed.notify_all();
}

}  // namespace conveyor::worker
