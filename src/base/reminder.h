#ifndef CONVEYOR_SRC_BASE_REMINDER_H_
#define CONVEYOR_SRC_BASE_REMINDER_H_

#include <chrono>

namespace conveyor::worker {

/// Decides when to report a lasting condition again.
///
/// Pure: no threads, no clock.
class Reminder {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param first do not report before this time
  /// @param again the shortest time between two reports
  Reminder(Clock::time_point first, std::chrono::milliseconds again) : next_(first), again_(again) {}

  /// Whether to report now.
  [[nodiscard]] bool due(Clock::time_point now) noexcept {
    if (now < next_) return false;
    next_ = now + again_;
    return true;
  }

 private:
  Clock::time_point next_;
  std::chrono::milliseconds again_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_BASE_REMINDER_H_
