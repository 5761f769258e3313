#ifndef CONVEYOR_SRC_PRODUCE_DELIVERY_BARRIER_H_
#define CONVEYOR_SRC_PRODUCE_DELIVERY_BARRIER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/thread_annotations.h"
#include "conveyor/producer.h"

namespace conveyor::detail {

/// Numbers the sends of a producer, and knows up to which number all are resolved. So a listener need not wait for each
/// send. While there is no listener, a send costs only one atomic load.
///
/// Thread safety: all functions may be called from any thread.
class DeliveryBarrier {
 public:
  /// Called on the thread that resolves a send, or whose send was refused. It must not block, nor add or remove
  /// listeners.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Called before resolved_up_to() reaches the sequence number.
    virtual void on_send_failed(std::uint64_t sequence, const Delivery& delivery) = 0;
    /// resolved_up_to() has grown.
    virtual void on_sends_resolved() = 0;
  };

  void add(Listener& listener);
  /// On return the listener is not being called, and will not be called again.
  void remove(Listener& listener);

  /// A send begins. @return its sequence number, from 1 on; 0: there is no listener, and the send is not counted
  [[nodiscard]] std::uint64_t begin();
  void resolved(std::uint64_t sequence, const Delivery& delivery);
  /// The send was not accepted.
  void cancelled(std::uint64_t sequence) { complete(sequence); }

  /// The sequence number of the last send begun.
  [[nodiscard]] std::uint64_t last() const noexcept { return last_.load(std::memory_order_acquire); }
  /// All sends up to this number are resolved.
  [[nodiscard]] std::uint64_t resolved_up_to() const noexcept { return resolved_.load(std::memory_order_acquire); }

 private:
  void complete(std::uint64_t sequence);

  Mutex mutex_;
  std::deque<bool> completed_ CONVEYOR_GUARDED_BY(mutex_);  // for the sends after resolved_, in order
  std::atomic<std::uint64_t> last_{0};
  std::atomic<std::uint64_t> resolved_{0};

  std::atomic<bool> listened_to_{false};
  Mutex listeners_mutex_;
  std::vector<Listener*> listeners_ CONVEYOR_GUARDED_BY(listeners_mutex_);
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_PRODUCE_DELIVERY_BARRIER_H_
