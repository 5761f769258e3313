#ifndef CONVEYOR_SRC_WORKER_STALL_WATCH_H_
#define CONVEYOR_SRC_WORKER_STALL_WATCH_H_

#include <chrono>
#include <cstdint>
#include <map>

namespace conveyor::worker {

/// Whether a consumer has stopped fetching: of some partition nothing was read for a while although nothing holds it
/// back, records wait there, and more of them all the time.
///
/// More of them, because what waits may be something that is never handed out: the marks that transactions leave in the
/// log.
///
/// A decision without threads, clock or broker.
template <class Key>
class StallWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param limit how long nothing was read; 0: never stalled
  explicit StallWatch(std::chrono::milliseconds limit) : limit_(limit) {}

  /// Whether the ends of the logs should be looked up now.
  [[nodiscard]] bool must_look(Clock::time_point now) const noexcept { return limit_.count() > 0 && now >= next_look_; }
  void looked(Clock::time_point now) noexcept { next_look_ = now + limit_ / 4; }

  /// A partition that waits for nothing but records. @param position the offset it will read next
  /// @param end of its log
  /// @return whether it is stalled
  [[nodiscard]] bool waits(const Key& partition, std::int64_t position, std::int64_t end, Clock::time_point now) {
    const auto [known, is_new] = known_.try_emplace(partition, Known{position, end, now});
    if (is_new) return false;
    Known& before = known->second;
    if (before.position != position || position >= end) {
      before = {position, end, now};
      return false;
    }
    return now - before.since >= limit_ && end > before.end;
  }
  /// It is busy, or not ours any more.
  void forget(const Key& partition) { known_.erase(partition); }
  void forget_all() { known_.clear(); }

 private:
  struct Known {
    std::int64_t position = 0;
    std::int64_t end = 0;
    Clock::time_point since = {};
  };

  const std::chrono::milliseconds limit_;
  Clock::time_point next_look_ = {};
  std::map<Key, Known> known_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_STALL_WATCH_H_
