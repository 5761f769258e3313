#ifndef SMART_CAMERA_PACE_H_
#define SMART_CAMERA_PACE_H_

#include <chrono>
#include <cstdint>

namespace smart_camera {

/// When the frames of a file are due that is played as a live camera gives them.
///
/// A camera does not wait for who reads it: a frame that is late by more than the time between two is skipped. After a
/// second of skipped frames the clock begins anew, so that a machine that is too slow shows some frames rather than
/// none.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Turn {
    Time due;
    bool skip;
  };

  /// @param frames_a_second above 0
  explicit Pace(double frames_a_second)
      : interval_(
            std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(1 / frames_a_second))) {}

  /// The next frame's turn. The first is due at once.
  Turn next(Time now) {
    if (count_ == 0) start_ = now;
    const Time due = start_ + count_ * interval_;
    ++count_;
    if (now <= due + interval_) {
      late_since_ = Time::max();
      return {due, false};
    }
    if (late_since_ == Time::max()) late_since_ = due;
    if (due - late_since_ < std::chrono::seconds(1)) return {due, true};
    late_since_ = Time::max();
    start_ = now;
    count_ = 1;
    return {now, false};
  }

 private:
  std::chrono::nanoseconds interval_;
  Time start_ = {};
  std::int64_t count_ = 0;
  Time late_since_ = Time::max();
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_PACE_H_
