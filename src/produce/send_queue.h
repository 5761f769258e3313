#ifndef CONVEYOR_SRC_PRODUCE_SEND_QUEUE_H_
#define CONVEYOR_SRC_PRODUCE_SEND_QUEUE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "conveyor/counters.h"
#include "conveyor/producer.h"
#include "kafka/producer_record.h"
#include "produce/delivery_texts.h"
#include "produce/producer_state.h"
#include "produce/waitable_clock.h"

namespace conveyor::kafka {

/// The senders' side of a producer: accepts sends or says why not, as the queue's bounds and WhenFull ask, and waits
/// until they are resolved.
///
/// Thread safety: all functions may be called from any thread.
class SendQueue {
 public:
  /// All of them live longer.
  SendQueue(ProducerState& state, const ProducerOptions& options, const DeliveryTexts& texts, WaitableClock& clock)
      : state_(state), options_(options), texts_(texts), clock_(clock) {}

  /// Accepts the send or says why not. With WhenFull::kDrop a full queue is errc::queue_full too; the caller decides.
  /// @param now or a little later
  [[nodiscard]] std::optional<Refusal> submit(ProducerRecord::Ptr send, std::size_t message_bytes,
                                              WaitableClock::TimePoint now);
  void count_refused(bool dropped) noexcept;

  FlushReport flush(std::chrono::milliseconds within);
  /// Until all sends accepted by now are resolved. @param hurry sends without lingering meanwhile
  /// @return false when the time was over before
  bool wait_until_resolved(std::chrono::milliseconds within, bool hurry);
  /// Also those that are accepted meanwhile.
  bool wait_until_empty(std::chrono::milliseconds within, bool hurry);
  [[nodiscard]] ProducerCounters counters() const noexcept;
  /// The client in use, which is not destroyed meanwhile.
  [[nodiscard]] SharedHandle::Visit visit() const;

 private:
  std::optional<Refusal> wait_for_room(MutexLock& lock, std::size_t bytes) CONVEYOR_REQUIRES(state_.mutex);
  [[nodiscard]] bool may_wait() const CONVEYOR_REQUIRES(state_.mutex);
  [[nodiscard]] Refusal full() const CONVEYOR_REQUIRES(state_.mutex);
  bool wait_for(std::uint64_t sequence, std::chrono::milliseconds within, bool hurry);

  ProducerState& state_;
  const ProducerOptions& options_;
  const DeliveryTexts& texts_;
  WaitableClock& clock_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_SEND_QUEUE_H_
