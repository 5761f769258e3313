#ifndef CONVEYOR_SRC_CONSUME_STARTUP_WATCH_H_
#define CONVEYOR_SRC_CONSUME_STARTUP_WATCH_H_

#include <chrono>
#include <optional>

namespace conveyor::worker {

/// When a member that has not been given anything yet must look whether its topics exist at all.
///
/// A decision without threads or broker. Started members are not watched: a broker that goes away later comes back.
class StartupWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param patience milliseconds::max() is for ever
  StartupWatch(Clock::time_point start, std::chrono::milliseconds patience)
      : ask_at_(start + kAskAfter), due_(patience >= kForEver ? std::nullopt : std::optional(start + patience)) {}

  /// A topic was named as missing: looked at when the patience ends, even if other topics were assigned.
  void topic_missing() noexcept { missing_ = true; }
  /// The group gave us our share, be it empty.
  void assigned() noexcept { assigned_ = true; }
  /// The topics were looked at and are there.
  void satisfied() noexcept { due_.reset(); }

  /// Once: nothing was given for a while, and no topic named as missing; the brokers are to be asked for the topics.
  [[nodiscard]] bool must_ask(Clock::time_point now) noexcept {
    if (asked_ || assigned_ || missing_ || now < ask_at_) return false;
    return asked_ = true;
  }
  [[nodiscard]] bool must_look(Clock::time_point now) const noexcept {
    return due_ && now >= *due_ && (!assigned_ || missing_);
  }
  /// Nothing came yet, and it may be given up.
  [[nodiscard]] bool waits() const noexcept { return due_ && !assigned_; }
  /// When must_look() will be true, if nothing else happens.
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
