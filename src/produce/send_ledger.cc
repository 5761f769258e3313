#include "produce/send_ledger.h"

#include <algorithm>

namespace conveyor::detail {

void SendLedger::add(Listener& listener) {
  const std::lock_guard lock{listeners_mutex_};
  listeners_.push_back(&listener);
  listened_to_.store(true, std::memory_order_release);
}

void SendLedger::remove(Listener& listener) {
  const std::lock_guard lock{listeners_mutex_};
  std::erase(listeners_, &listener);
  listened_to_.store(!listeners_.empty(), std::memory_order_release);
}

std::uint64_t SendLedger::begin() {
  if (!listened_to_.load(std::memory_order_acquire)) return 0;
  const std::lock_guard lock{mutex_};
  settled_.push_back(false);
  return last_.fetch_add(1, std::memory_order_acq_rel) + 1;
}

void SendLedger::resolved(std::uint64_t sequence, const Delivery& delivery) {
  if (delivery.error) {
    const std::lock_guard lock{listeners_mutex_};
    for (Listener* listener : listeners_) listener->on_send_failed(sequence, delivery);
  }
  settle(sequence);
}

void SendLedger::settle(std::uint64_t sequence) {
  if (sequence == 0) return;
  {
    const std::lock_guard lock{mutex_};
    std::uint64_t resolved = resolved_.load(std::memory_order_relaxed);
    settled_[sequence - resolved - 1] = true;
    if (!settled_.front()) return;
    for (; !settled_.empty() && settled_.front(); ++resolved) settled_.pop_front();
    resolved_.store(resolved, std::memory_order_release);
  }
  const std::lock_guard lock{listeners_mutex_};
  for (Listener* listener : listeners_) listener->on_sends_resolved();
}

}  // namespace conveyor::detail
