#ifndef CONVEYOR_SRC_CONSUME_MEMBER_CLOCK_H_
#define CONVEYOR_SRC_CONSUME_MEMBER_CLOCK_H_

#include <chrono>
#include <thread>

#include "kafka/wakeup.h"

namespace conveyor::worker {

/// The time as the member's thread sees it, and how that thread waits. All parts of a member get this clock, so that a
/// test controls time.
///
/// Thread safety: now() may be called from any thread, the others from the member's thread.
class MemberClock {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  virtual ~MemberClock() = default;
  [[nodiscard]] virtual time_point now() const noexcept = 0;
  /// Calendar time, for what outlives the process.
  [[nodiscard]] virtual std::chrono::system_clock::time_point calendar() const noexcept = 0;
  virtual void sleep_for(std::chrono::milliseconds time) = 0;
  /// Waits until the wakeup is signalled or the time is over.
  virtual void wait(kafka::Wakeup& wakeup, std::chrono::milliseconds within) = 0;
};

class SystemMemberClock final : public MemberClock {
 public:
  [[nodiscard]] time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] std::chrono::system_clock::time_point calendar() const noexcept override {
    return std::chrono::system_clock::now();
  }
  void sleep_for(std::chrono::milliseconds time) override { std::this_thread::sleep_for(time); }
  void wait(kafka::Wakeup& wakeup, std::chrono::milliseconds within) override { wakeup.wait(within); }
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_MEMBER_CLOCK_H_
