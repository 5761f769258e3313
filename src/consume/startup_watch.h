#ifndef CONVEYOR_SRC_CONSUME_STARTUP_WATCH_H_
#define CONVEYOR_SRC_CONSUME_STARTUP_WATCH_H_

#include <chrono>
#include <optional>

namespace conveyor::worker {

/// Decides when a member without an assignment must check whether its topics exist.
///
/// Pure: no threads, no broker. Members that have started are not watched: a broker that goes away later comes back.
class StartupWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param patience how long to wait for the topics; milliseconds::max(): for ever
  StartupWatch(Clock::time_point start, std::chrono::milliseconds patience)
      : ask_at_(start + kAskAfter), due_(patience >= kForEver ? std::nullopt : std::optional(start + patience)) {}

  /// A topic was reported as missing. It is looked up when the patience ends, even if other topics were assigned.
  void topic_missing() noexcept { missing_ = true; }
  /// The group assigned partitions to this member, possibly none.
  void assigned() noexcept { assigned_ = true; }
  /// The topics were looked up and exist.
  void satisfied() noexcept { due_.reset(); }

  /// True once: nothing was assigned for a while and no topic was reported as missing, so the brokers must be asked.
  [[nodiscard]] bool must_ask(Clock::time_point now) noexcept {
    if (asked_ || assigned_ || missing_ || now < ask_at_) return false;
    return asked_ = true;
  }
  [[nodiscard]] bool must_look(Clock::time_point now) const noexcept {
    return due_ && now >= *due_ && (!assigned_ || missing_);
  }
  /// Nothing is assigned yet, and the member may still give up.
  [[nodiscard]] bool waits() const noexcept { return due_ && !assigned_; }
  /// When must_look() becomes true if nothing else happens.
  [[nodiscard]] std::optional<Clock::time_point> due() const noexcept {
    return assigned_ && !missing_ ? std::nullopt : due_;
  }

 private:
  static constexpr std::chrono::milliseconds kForEver = std::chrono::hours(24 * 365);

  static constexpr std::chrono::milliseconds kAskAfter{2'000};

  Clock::time_point ask_at_;
  std::optional<Clock::time_point> due_;
  bool assigned_ = false;
  bool missing_ = false;
  bool asked_ = false;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_STARTUP_WATCH_H_
