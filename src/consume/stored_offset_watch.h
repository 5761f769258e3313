#ifndef CONVEYOR_SRC_CONSUME_STORED_OFFSET_WATCH_H_
#define CONVEYOR_SRC_CONSUME_STORED_OFFSET_WATCH_H_

#include <chrono>

namespace conveyor::worker {

/// Decides whether the group must be asked for its offset of a partition before a transaction commits another one.
/// Brokers drop the offset when a topic is deleted, and committing the old position for the recreated topic would skip
/// records (see ReplacedLogWatch). Transactions that follow each other closely need not ask each time.
///
/// Pure: no threads, no clock, no broker.
class StoredOffsetWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  /// The group has an offset. @param asked when it was asked
  void found(Clock::time_point asked) noexcept {
    had_at_ = asked_at_ = asked;
    dropped_ = false;
  }
  /// The group has no offset any more. Nothing may be committed until it has one again, not even without an answer.
  void dropped() noexcept { dropped_ = true; }
  [[nodiscard]] bool is_dropped() const noexcept { return dropped_; }
  /// A transaction has committed an offset.
  void committed(Clock::time_point now) noexcept { had_at_ = now; }

  [[nodiscard]] bool must_ask(Clock::time_point now) const noexcept {
    return dropped_ || now - had_at_ >= kKnownFor || now - asked_at_ >= kAskEvery;
  }
  /// Whether a question that is sent anyway should include this partition, because it was not asked about just now.
  [[nodiscard]] bool may_ask(Clock::time_point now) const noexcept { return dropped_ || now - asked_at_ >= kKnownFor; }

 private:
  static constexpr milliseconds kKnownFor{100};  // deleting a topic, recreating it and writing to it takes longer
  static constexpr milliseconds kAskEvery{1'000};

  Clock::time_point had_at_ = {};
  Clock::time_point asked_at_ = {};
  bool dropped_ = false;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_STORED_OFFSET_WATCH_H_
