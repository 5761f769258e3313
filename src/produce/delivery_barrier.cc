#include "produce/delivery_barrier.h"

#include <algorithm>

namespace conveyor::detail {

void DeliveryBarrier::add(Listener& listener) {
  const MutexLock lock{listeners_mutex_};
  listeners_.push_back(&listener);
  listened_to_.store(true, std::memory_order_release);
}

void DeliveryBarrier::remove(Listener& listener) {
  const MutexLock lock{listeners_mutex_};
  std::erase(listeners_, &listener);
  listened_to_.store(!listeners_.empty(), std::memory_order_release);
}

std::uint64_t DeliveryBarrier::begin() {
  if (!listened_to_.load(std::memory_order_acquire)) return 0;
  const MutexLock lock{mutex_};
  completed_.push_back(false);
  return last_.fetch_add(1, std::memory_order_acq_rel) + 1;
}

void DeliveryBarrier::resolved(std::uint64_t sequence, const Delivery& delivery) {
  if (delivery.error) {
    const MutexLock lock{listeners_mutex_};
    for (Listener* listener : listeners_) listener->on_send_failed(sequence, delivery);
  }
  complete(sequence);
}

void DeliveryBarrier::complete(std::uint64_t sequence) {
  if (sequence == 0) return;
  {
    const MutexLock lock{mutex_};
    std::uint64_t resolved = resolved_.load(std::memory_order_relaxed);
    completed_[sequence - resolved - 1] = true;
    if (!completed_.front()) return;
    for (; !completed_.empty() && completed_.front(); ++resolved) completed_.pop_front();
    resolved_.store(resolved, std::memory_order_release);
  }
  const MutexLock lock{listeners_mutex_};
  for (Listener* listener : listeners_) listener->on_sends_resolved();
}

}  // namespace conveyor::detail
