#ifndef CONVEYOR_SRC_WORKER_DRIVEN_MANUAL_CLOCK_H_
#define CONVEYOR_SRC_WORKER_DRIVEN_MANUAL_CLOCK_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>

#include "consume/member_clock.h"
#include "produce/waitable_clock.h"

namespace conveyor::worker {

/// A clock for one thread. It advances only when it is told to, or when the thread would wait; then the wait ends at
/// once.
class ManualClock final : public MemberClock, public kafka::WaitableClock {
 public:
  using time_point = MemberClock::time_point;

  [[nodiscard]] time_point now() const noexcept override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point calendar() const noexcept override {
    return began_at_ + std::chrono::duration_cast<std::chrono::system_clock::duration>(now_ - time_point{});
  }
  void sleep_for(std::chrono::milliseconds time) override { advance(time); }
  void wait(kafka::Wakeup&, std::chrono::milliseconds within) override { advance(within); }
  void wait(std::condition_variable&, MutexLock&, TimePoint until) override { advance_to(until); }

  void advance(std::chrono::milliseconds time) noexcept { now_ += time; }
  void advance_to(time_point time) noexcept { now_ = std::max(now_, time); }

 private:
  // Starts late enough that no calculation goes back before the clock's zero.
  time_point now_ = time_point{} + std::chrono::hours(24);
  const std::chrono::system_clock::time_point began_at_ = std::chrono::system_clock::now() - std::chrono::hours(24);
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_DRIVEN_MANUAL_CLOCK_H_
