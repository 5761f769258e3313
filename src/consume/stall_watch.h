#ifndef CONVEYOR_SRC_CONSUME_STALL_WATCH_H_
#define CONVEYOR_SRC_CONSUME_STALL_WATCH_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>

namespace conveyor::worker {

/// Decides whether a consumer has stopped fetching: for a while it made no progress in some partition, although nothing
/// holds it back and the log has more.
///
/// The client's position may be past records that it does not return (transaction markers and aborted records); the
/// client reports when it reaches the end of the log past them. The log need not grow meanwhile: the last records of a
/// finished job must arrive too.
///
/// Pure: no threads, no clock, no broker.
template <class Key>
class StallWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  /// @param limit how long without progress counts as stalled; 0: never. A new client that makes no progress either
  /// gets twice the time of the one before.
  explicit StallWatch(milliseconds limit) : limit_(limit) {}

  /// Whether to look up the ends of the logs now.
  [[nodiscard]] bool must_look(Clock::time_point now) const noexcept { return limit_.count() > 0 && now >= next_look_; }
  void looked(Clock::time_point now) noexcept { next_look_ = now + limit_ / 4; }

  /// Call for a partition that waits only for new records.
  /// @param position the offset to be read next
  /// @param passed how far the client has read, including what it does not return; negative: not known
  /// @param end the end of the log
  /// @return whether the partition is stalled
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
  /// The partition is busy or revoked, or its log cannot be looked up at present.
  void forget(const Key& partition) {
    if (const auto found = known_.find(partition); found != known_.end()) found->second.since = kNotWaiting;
  }

 private:
  static constexpr int kMostDoublings = 6;
  static constexpr Clock::time_point kNotWaiting = Clock::time_point::max();

  struct Known {
    std::int64_t position = -1;
    std::int64_t passed = -1;
    int stalls = 0;  // since the last progress
    Clock::time_point since = kNotWaiting;
  };

  const milliseconds limit_;
  Clock::time_point next_look_ = {};
  std::map<Key, Known> known_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_STALL_WATCH_H_
