#ifndef CONVEYOR_SRC_PRODUCE_WAITABLE_CLOCK_H_
#define CONVEYOR_SRC_PRODUCE_WAITABLE_CLOCK_H_

#include <chrono>
#include <condition_variable>

#include "base/thread_annotations.h"

namespace conveyor::kafka {

/// The time, and waiting until a time. Tests replace it, so that they need neither.
///
/// Thread safety: all functions may be called from any thread.
class WaitableClock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~WaitableClock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
  /// Releases the mutex and waits until the condition variable is notified or the time has come. May return spuriously.
  virtual void wait(std::condition_variable& changed, MutexLock& lock, TimePoint until) = 0;
};

class SteadyClock final : public WaitableClock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
  void wait(std::condition_variable& changed, MutexLock& lock, TimePoint until) override {
    changed.wait_until(lock.native(), until);
  }
};

/// Longer than anybody waits, and short enough to be added to any time point.
inline constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24 * 365);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_WAITABLE_CLOCK_H_
