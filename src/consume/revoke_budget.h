#ifndef CONVEYOR_SRC_CONSUME_REVOKE_BUDGET_H_
#define CONVEYOR_SRC_CONSUME_REVOKE_BUDGET_H_

#include <algorithm>
#include <chrono>

namespace conveyor::worker {

/// Divides the time in which a member gives partitions back. All waits share it: the group waits for this member up to
/// max.poll.interval.ms and then continues without it, after which nothing can be committed. Later steps keep a part of
/// the time, so that handlers that do not end leave time to commit what is finished.
///
/// Pure: no threads, no clock.
class RevokeBudget {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  RevokeBudget(Clock::time_point start, milliseconds max_poll_interval)
      : start_(start), total_(max_poll_interval / 2) {}

  /// The deadline of a step that begins now and wants this much time.
  [[nodiscard]] Clock::time_point handlers(Clock::time_point now, milliseconds wanted) const noexcept {
    return std::min(now + wanted, start_ + total_ * 2 / 3);
  }
  [[nodiscard]] Clock::time_point transaction(Clock::time_point now, milliseconds wanted) const noexcept {
    return std::min(now + wanted, start_ + total_ * 5 / 6);
  }
  [[nodiscard]] Clock::time_point commit(Clock::time_point now, milliseconds wanted) const noexcept {
    return std::min(now + wanted, start_ + total_);
  }

 private:
  const Clock::time_point start_;
  const milliseconds total_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_REVOKE_BUDGET_H_
