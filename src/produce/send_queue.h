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

/// The senders' side of a producer: accepts sends or says why not, as the bounds of the queue and WhenFull ask, and
/// waits until sends are resolved.
///
/// Thread safety: all functions may be called from any thread.
class SendQueue {
 public:
  /// All arguments must outlive this object.
  SendQueue(ProducerState& state, const ProducerOptions& options, const DeliveryTexts& texts, WaitableClock& clock)
      : state_(state), options_(options), texts_(texts), clock_(clock) {}

  /// Accepts the send, or returns why not. With WhenFull::kDrop a full queue is errc::queue_full too, and the caller
  /// decides.
  /// @param now the present time, or slightly later
  [[nodiscard]] std::optional<Refusal> submit(ProducerRecord::Ptr send, std::size_t message_bytes,
                                              WaitableClock::TimePoint now);
  void count_refused(bool dropped) noexcept;

  FlushReport flush(std::chrono::milliseconds within);
  /// Waits until all sends accepted so far are resolved.
  /// @param hurry send at once, without lingering
  /// @return false when the time ended before
  bool wait_until_resolved(std::chrono::milliseconds within, bool hurry);
  /// The same, and waits for sends that are accepted meanwhile too.
  bool wait_until_empty(std::chrono::milliseconds within, bool hurry);
  [[nodiscard]] ProducerCounters counters() const noexcept;
  /// The present client, which is not destroyed while the visit lasts.
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
