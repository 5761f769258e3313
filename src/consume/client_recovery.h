#ifndef CONVEYOR_SRC_CONSUME_CLIENT_RECOVERY_H_
#define CONVEYOR_SRC_CONSUME_CLIENT_RECOVERY_H_

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "core/retry_policy.h"

namespace conveyor::worker {

/// Decides when a member's Kafka client that failed permanently is replaced: after a wait that grows with each client
/// that fails before a record was read from it.
///
/// Pure: no threads, no clock, no broker.
class ClientRecovery {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kFirstWait{100};
  static constexpr std::chrono::milliseconds kLongestWait{30'000};

  /// The client failed permanently.
  /// @param random in [0, 1): spreads the members of a group over time
  /// @return how long to wait before the replacement; nothing when one is already due
  std::optional<std::chrono::milliseconds> failed(std::string why, Clock::time_point now, double random) {
    if (why_) return {};
    const RetryPolicy backoff({.initial_backoff = kFirstWait, .max_backoff = kLongestWait});
    const auto wait = backoff.wait_after(++in_a_row_, random);
    why_ = std::move(why);
    at_ = now + wait;
    return wait;
  }
  /// When to replace the client; nothing when it works.
  [[nodiscard]] std::optional<Clock::time_point> at() const noexcept {
    return why_ ? std::optional(at_) : std::nullopt;
  }
  [[nodiscard]] bool due(Clock::time_point now) const noexcept { return why_ && now >= at_; }
  /// The replacement begins now. @return why the client is replaced
  std::string begin() { return *std::exchange(why_, std::nullopt); }
  /// A record was read.
  void progress() noexcept { in_a_row_ = 0; }

 private:
  std::optional<std::string> why_;
  Clock::time_point at_ = {};
  int in_a_row_ = 0;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_CLIENT_RECOVERY_H_
