#ifndef IMAGE_MESSAGING_PACE_H_
#define IMAGE_MESSAGING_PACE_H_

#include <chrono>

namespace image_messaging {

/// When the frames of a stream are due. After a pause the schedule begins anew: nothing is hurried to catch up.
///
/// Thread safety: as a standard container.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// @param frames_a_second 0: as quickly as they come
  explicit Pace(double frames_a_second)
      : period_(frames_a_second > 0
                    ? std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(1 / frames_a_second))
                    : Time::duration::zero()) {}

  /// When the next frame is due, which may be now. It counts as sent then.
  Time next(Time now) {
    if (due_ + period_ < now) due_ = now;
    const Time due = due_;
    due_ += period_;
    return due;
  }
  /// Whether a frame that comes now is one to take: of a camera that gives more than are wanted.
  bool wanted(Time now) {
    // A quarter of a period early is on time: no camera is regular.
    if (now + period_ / 4 < due_) return false;
    next(now);
    return true;
  }

 private:
  Time::duration period_;
  Time due_ = {};
};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_PACE_H_
