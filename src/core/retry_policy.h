#ifndef CONVEYOR_SRC_CORE_RETRY_POLICY_H_
#define CONVEYOR_SRC_CORE_RETRY_POLICY_H_

#include <chrono>
#include <optional>

#include "conveyor/retry.h"

namespace conveyor::worker {

/// When a failed record is tried again, if at all.
///
/// A decision without threads, clock or randomness of its own.
class RetryPolicy {
 public:
  using Clock = std::chrono::steady_clock;

  explicit RetryPolicy(const RetryOptions& options) : options_(options) {}

  /// @param attempt how many attempts there were, at least 1
  /// @param first_failure when the first of them failed
  /// @param random from [0, 1)
  /// @return when to try again; nothing: never
  [[nodiscard]] std::optional<Clock::time_point> next_attempt(int attempt, Clock::time_point first_failure,
                                                              Clock::time_point now, double random) const noexcept;

  /// The wait after the given number of attempts: doubled each time up to the longest, of which a random part between
  /// half and all is taken ("equal jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
  [[nodiscard]] std::chrono::milliseconds wait_after(int attempt, double random) const noexcept;

 private:
  RetryOptions options_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CORE_RETRY_POLICY_H_
