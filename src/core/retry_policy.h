#ifndef CONVEYOR_SRC_CORE_RETRY_POLICY_H_
#define CONVEYOR_SRC_CORE_RETRY_POLICY_H_

#include <chrono>
#include <optional>

#include "conveyor/retry.h"

namespace conveyor::worker {

/// Decides when a failed record is tried again, if at all.
///
/// Pure: no threads, no clock, no randomness of its own.
class RetryPolicy {
 public:
  using Clock = std::chrono::steady_clock;

  explicit RetryPolicy(const RetryOptions& options) : options_(options) {}

  /// @param attempt the number of attempts so far, at least 1
  /// @param first_failure when the first attempt failed
  /// @param random in [0, 1)
  /// @return when to try again; nothing when the record must not be tried again
  [[nodiscard]] std::optional<Clock::time_point> next_attempt(int attempt, Clock::time_point first_failure,
                                                              Clock::time_point now, double random) const noexcept;

  /// The wait after this many attempts. The limit doubles with each attempt up to the longest wait; the result is
  /// random between half of the limit and all of it ("equal jitter",
  /// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
  [[nodiscard]] std::chrono::milliseconds wait_after(int attempt, double random) const noexcept;

 private:
  RetryOptions options_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CORE_RETRY_POLICY_H_
