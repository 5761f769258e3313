#ifndef CONVEYOR_SRC_CONSUME_STALL_WATCH_H_
#define CONVEYOR_SRC_CONSUME_STALL_WATCH_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>

namespace conveyor::worker {

/// Whether a consumer has stopped fetching: for a while it got nowhere in some partition although nothing holds it back
/// and the log goes on.
///
/// Where it is may be behind everything that is never handed out: the client tells when it has come to the end of the
/// log, past the markers of transactions and what was aborted. A log need not grow meanwhile: the last records of a job
/// are waited for too.
///
/// A decision without threads, clock or broker.
template <class Key>
class StallWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  /// @param limit how long it got nowhere; 0: never stalled. A new client that gets nowhere either is given twice as
  /// long as the one before.
  explicit StallWatch(milliseconds limit) : limit_(limit) {}

  /// Whether the ends of the logs should be looked up now.
  [[nodiscard]] bool must_look(Clock::time_point now) const noexcept { return limit_.count() > 0 && now >= next_look_; }
  void looked(Clock::time_point now) noexcept { next_look_ = now + limit_ / 4; }

  /// A partition that waits for nothing but records. @param position the offset it will read next
  /// @param passed how far the client has come, with what it does not hand out; negative: not known
  /// @param end of its log
  /// @return whether it is stalled
  [[nodiscard]] bool waits(const Key& partition, std::int64_t position, std::int64_t passed, std::int64_t end,
                           Clock::time_point now) {
    Known& known = known_[partition];
    const bool moved = known.position != position || (passed >= 0 && known.passed != passed);
    if (moved || position >= end) known = {.position = position, .passed = std::max<std::int64_t>(passed, -1)};
    if (position >= end) return false;
    if (known.since == kNotWaiting) known.since = now;
    if (now - known.since < limit_ * (1 << std::min(known.stalls, kMostDoublings))) return false;
    ++known.stalls;
    known.since = kNotWaiting;
    return true;
  }
  /// It is busy, taken away, or its log cannot be looked up at present.
  void forget(const Key& partition) {
    if (const auto found = known_.find(partition); found != known_.end()) found->second.since = kNotWaiting;
  }

 private:
  static constexpr int kMostDoublings = 6;
  static constexpr Clock::time_point kNotWaiting = Clock::time_point::max();

  struct Known {
    std::int64_t position = -1;
    std::int64_t passed = -1;
    int stalls = 0;  // since it last moved
    Clock::time_point since = kNotWaiting;
  };

  const milliseconds limit_;
  Clock::time_point next_look_ = {};
  std::map<Key, Known> known_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_STALL_WATCH_H_
