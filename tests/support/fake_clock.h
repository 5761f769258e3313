#ifndef CONVEYOR_TESTS_SUPPORT_FAKE_CLOCK_H_
#define CONVEYOR_TESTS_SUPPORT_FAKE_CLOCK_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>

#include "produce/waitable_clock.h"

namespace conveyor::tests {

/// Time that goes on only when a test, or somebody who waits, says so. For one thread: what happens while it waits is
/// done by on_wait.
class FakeClock final : public kafka::WaitableClock {
 public:
  [[nodiscard]] TimePoint now() const override { return now_; }
  void wait(std::condition_variable& /*changed*/, MutexLock& lock, TimePoint until) override {
    lock.native().unlock();
    ++waits;
    waits_until = until;
    if (on_wait) on_wait();
    now_ = std::max(now_, std::min(until, now_ + std::chrono::milliseconds(10)));
    lock.native().lock();
  }
  void advance(std::chrono::milliseconds time) { now_ += time; }

  std::function<void()> on_wait;
  int waits = 0;
  TimePoint waits_until = {};  ///< who waits, or did last

 private:
  TimePoint now_ = TimePoint{} + std::chrono::hours(1);
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_FAKE_CLOCK_H_
