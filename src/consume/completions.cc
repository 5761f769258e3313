#include "consume/completions.h"

#include <utility>

namespace conveyor::worker {

void Completions::add(Entry entry) {
  bool wake = false;
  {
    const MutexLock lock{mutex_};
    reported_.push_back(std::move(entry));
    wake = reported_.size() == wake_at_;
  }
  if (wake) wakeup_->signal();
}

void Completions::apply(MemberCounters& counters) {
  {
    const MutexLock lock{mutex_};
    applied_.swap(reported_);
  }
  std::uint64_t handled = 0;
  for (const auto& [receipt, done, committed] : applied_) {
    Partition& partition = *receipt.partition;
    if (!partition.is_ours()) {
      if (done) grow(counters.stale, 1);
    } else if (done) {
      partition.tracker.finish(receipt.offset);
      partition.bytes_in_flight -= receipt.bytes;
      ++handled;
      if (committed) {
        partition.tracker.committed(committed->offset);
        partition.log.stored();
        if (partition.lease) partition.lease->stored_lease(committed->lease_end);
      }
    } else {
      ++partition.dropped;
    }
  }
  applied_.clear();
  if (handled == 0) return;
  shrink(counters.in_flight, handled);
  grow(counters.handled, handled);
}

void Completions::sleep(MemberClock& clock, std::chrono::milliseconds within, std::size_t completions) {
  {
    const MutexLock lock{mutex_};
    if (reported_.size() >= completions) return;
    wake_at_ = completions;
  }
  clock.wait(*wakeup_, within);
  const MutexLock lock{mutex_};
  wake_at_ = kAwake;
}

}  // namespace conveyor::worker
