#ifndef CONVEYOR_SRC_BASE_REMINDER_H_
#define CONVEYOR_SRC_BASE_REMINDER_H_

#include <chrono>

namespace conveyor::worker {

/// When something that lasts is said again.
///
/// A decision without threads or clock.
class Reminder {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param first not before this @param again and not sooner after it was said
  Reminder(Clock::time_point first, std::chrono::milliseconds again) : next_(first), again_(again) {}

  /// Whether it is to be said now.
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
