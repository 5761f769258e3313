#ifndef CONVEYOR_TESTS_SUPPORT_FAKE_MEMBER_CLOCK_H_
#define CONVEYOR_TESTS_SUPPORT_FAKE_MEMBER_CLOCK_H_

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <utility>

#include "consume/member_clock.h"

namespace conveyor::tests {

/// A clock that goes on only when somebody waits or a test says so; what is planned happens while it goes.
class FakeMemberClock final : public worker::MemberClock {
 public:
  using milliseconds = std::chrono::milliseconds;

  [[nodiscard]] time_point now() const noexcept override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point calendar() const noexcept override {
    return std::chrono::system_clock::time_point(now_.time_since_epoch());
  }
  void sleep_for(milliseconds time) override { go_to(now_ + time, false); }
  /// Ends early after something planned has happened, as if it had signalled the wakeup.
  void wait(kafka::Wakeup&, milliseconds within) override { go_to(now_ + within, true); }

  void advance(milliseconds time) { go_to(now_ + time, false); }
  /// Happens when the clock has come so far.
  void in(
      milliseconds time, std::function<void()> what = [] {}) {
    planned_.emplace(now_ + time, std::move(what));
  }

 private:
  void go_to(time_point end, bool until_something_happens) {
    while (!planned_.empty() && planned_.begin()->first <= end) {
      auto next = planned_.extract(planned_.begin());
      now_ = std::max(now_, next.key());
      next.mapped()();
      if (until_something_happens) return;
    }
    now_ = std::max(now_, end);
  }

  time_point now_ = time_point{} + std::chrono::hours(1);
  std::multimap<time_point, std::function<void()>> planned_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_FAKE_MEMBER_CLOCK_H_
