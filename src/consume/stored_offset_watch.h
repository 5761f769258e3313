#ifndef CONVEYOR_SRC_CONSUME_STORED_OFFSET_WATCH_H_
#define CONVEYOR_SRC_CONSUME_STORED_OFFSET_WATCH_H_

#include <chrono>

namespace conveyor::worker {

/// Whether the group must be asked for its offset of a partition before a transaction commits another one: the brokers
/// drop it with a topic that is deleted, and what is committed for the topic that takes its place would pass over
/// records (see LogWatch). A transaction that follows another one need not ask each time.
///
/// A decision without threads, clock or broker.
class StoredOffsetWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  /// The group has one. @param asked when it was asked
  void found(Clock::time_point asked) noexcept {
    had_at_ = asked_at_ = asked;
    dropped_ = false;
  }
  /// The group has none any more. Until it is found to have one, nothing may be committed, not even without an answer.
  void dropped() noexcept { dropped_ = true; }
  [[nodiscard]] bool is_dropped() const noexcept { return dropped_; }
  /// A transaction has committed one.
  void committed(Clock::time_point now) noexcept { had_at_ = now; }

  [[nodiscard]] bool must_ask(Clock::time_point now) const noexcept {
    return dropped_ || now - had_at_ >= kKnownFor || now - asked_at_ >= kAskEvery;
  }
  /// A question that is asked anyway should be about this partition too: it has not just been asked about.
  [[nodiscard]] bool may_ask(Clock::time_point now) const noexcept { return dropped_ || now - asked_at_ >= kKnownFor; }

 private:
  static constexpr milliseconds kKnownFor{100};  // a topic is not deleted, recreated and filled in less
  static constexpr milliseconds kAskEvery{1'000};

  Clock::time_point had_at_ = {};
  Clock::time_point asked_at_ = {};
  bool dropped_ = false;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_STORED_OFFSET_WATCH_H_
