#ifndef CONVEYOR_SRC_WORKER_REWIND_WATCH_H_
#define CONVEYOR_SRC_WORKER_REWIND_WATCH_H_

#include <chrono>
#include <cstdint>
#include <optional>

namespace conveyor::worker {

/// What to do when records of a partition come from before where it was read to, because a broker said that its log has
/// nothing there.
///
/// Most often the log has: a broker that was the partition's leader until it froze, or was cut off, answers from what
/// it knew then, and librdkafka before 2.1 asks it when it says that it leads (KIP-320). Then reading goes on where it
/// was. But a topic may have been deleted and made anew, or lost its end; the one who says so must say so for a while.
///
/// A decision without threads, clock or broker.
class RewindWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  enum class Verdict {
    kWait,       ///< what comes may be thrown away
    kSeekBack,   ///< to where it was
    kStartOver,  ///< the log is another one
  };

  /// @param believe_after how long a log must be shorter than what was read of it
  explicit RewindWatch(milliseconds believe_after) : believe_after_(believe_after) {}

  /// A record from before `position` came. Whether the end of the log should be looked up now; if not, kWait.
  [[nodiscard]] bool must_look(Clock::time_point now) const noexcept { return now >= next_look_; }

  /// @param position the offset to be read next
  /// @param end of the log, as far as the brokers told
  [[nodiscard]] Verdict rewound(std::int64_t position, std::optional<std::int64_t> end, Clock::time_point now) {
    next_look_ = now + kBetweenLooks;
    if (end && *end >= position) shorter_since_.reset();
    if (!end || *end >= position) return Verdict::kSeekBack;
    if (!shorter_since_) shorter_since_ = now;
    return now - *shorter_since_ >= believe_after_ ? Verdict::kStartOver : Verdict::kSeekBack;
  }

  /// The log is known to be shorter, and not yet for long enough.
  [[nodiscard]] bool doubts() const noexcept { return shorter_since_.has_value(); }

  /// A record from `position` on came.
  void went_on() noexcept { shorter_since_.reset(); }

 private:
  static constexpr milliseconds kBetweenLooks{500};

  milliseconds believe_after_;
  Clock::time_point next_look_ = {};
  std::optional<Clock::time_point> shorter_since_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_REWIND_WATCH_H_
