#ifndef CONVEYOR_SRC_CONSUME_REVOKE_BUDGET_H_
#define CONVEYOR_SRC_CONSUME_REVOKE_BUDGET_H_

#include <algorithm>
#include <chrono>

namespace conveyor::worker {

/// The time in which a member gives partitions back. All waits share it: the group waits for this member, and after
/// max.poll.interval.ms goes on without it, whereupon nothing can be committed any more. What comes later keeps a part,
/// so that handlers that do not end leave time to commit what did.
///
/// A decision without threads or clock.
class RevokeBudget {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  RevokeBudget(Clock::time_point start, milliseconds max_poll_interval)
      : start_(start), total_(max_poll_interval / 2) {}

  /// When each step must have ended that begins now and wants so much time.
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
