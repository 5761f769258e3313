#include "transactions/transaction_loop.h"

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

namespace conveyor::worker {

bool TransactionLoop::run_once() {
  FinishedInputs batch;
  {
    MutexLock lock{state_.mutex};
    if (!wait_until_due(lock)) return false;
    batch = state_.batcher.take(clock_.now());
    state_.take_in(batch);
  }
  commit_guarded(std::move(batch));
  // without the mutex: destroying the last owner of a partition may destroy a client, which may take long
  std::set<PartitionPtr> left;
  {
    const MutexLock lock{state_.mutex};
    left.swap(state_.in_transaction);
    state_.batcher.ended(clock_.now());
  }
  state_.changed.notify_all();
  return true;
}

bool TransactionLoop::wait_until_due(MutexLock& lock) {
  while (true) {
    const auto now = clock_.now();
    if (state_.batcher.due(now, state_.stopping || state_.kept.many())) return true;
    if (state_.stopping) return false;
    clock_.wait(state_.changed, lock, std::min(state_.batcher.due_at(), now + kafka::kLongestWait));
  }
}

void TransactionLoop::commit_guarded(FinishedInputs batch) noexcept {
  try {
    committer_.commit(std::move(batch));
  } catch (const std::exception& error) {
    broke(error.what());
  } catch (...) {
    broke("something that is not an exception");
  }
}

void TransactionLoop::broke(const char* what) noexcept {
  state_.dead = true;
  {
    const MutexLock lock{state_.mutex};
    for (const PartitionPtr& partition : state_.in_transaction) partition->in_doubt = true;
  }
  listener_.broke(what);
}

}  // namespace conveyor::worker
