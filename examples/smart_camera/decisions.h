#ifndef SMART_CAMERA_DECISIONS_H_
#define SMART_CAMERA_DECISIONS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace smart_camera {

/// Whether the number of people changed and stayed: a detector misses somebody for a moment, and finds them again.
///
/// Thread safety: as a standard container.
class SteadyCount {
 public:
  /// @param frames on which a new number must be seen, one after the other
  explicit SteadyCount(int frames = 3) : frames_(frames) {}

  /// True on the frame from which on a new number holds; the first number is one too.
  bool changed(int people) {
    if (people == held_) {
      seen_ = 0;
      return false;
    }
    seen_ = people == next_ ? seen_ + 1 : 1;
    next_ = people;
    if (seen_ < frames_) return false;
    before_ = std::exchange(held_, people);
    seen_ = 0;
    return true;
  }
  /// The number that held before the last change; -1 before the first.
  [[nodiscard]] int before() const noexcept { return before_; }

 private:
  int frames_;
  int held_ = -1;
  int before_ = -1;
  int next_ = -1;
  int seen_ = 0;
};

/// Alerts when the number of people of one camera reaches a threshold, once, until it was below for some frames in a
/// row: a detector that misses somebody for a moment shall not cause an alert a second.
///
/// Frames may come in any order, as detectors finish them. Every frame of a crowd is alerted, or follows one of them by
/// at most `calm_frames`. So a service that is restarted and forgets what it saw may repeat an alert, but misses none.
///
/// Thread safety: as a standard container.
class CrowdAlert {
 public:
  explicit CrowdAlert(int threshold, int calm_frames = 15) : threshold_(threshold), calm_frames_(calm_frames) {}

  /// Says the same again of a frame that was alerted: its alert may not have been sent.
  /// @param source another one than before is another run of the camera, whose frames are numbered anew
  bool raised(const std::string& source, std::int64_t frame, int people) {
    if (people < threshold_) return false;
    const bool same_run = source == source_;
    if (same_run && frame == alerted_) return true;
    const bool begins = !same_run || frame > last_ + calm_frames_;
    last_ = same_run ? std::max(last_, frame) : frame;
    if (begins) alerted_ = frame;
    source_ = source;
    return begins;
  }

 private:
  int threshold_;
  int calm_frames_;
  std::string source_;
  std::int64_t last_ = 0;     // frame of `source_` with so many people
  std::int64_t alerted_ = 0;  // the last frame of `source_` with an alert
};

/// Keeps at most `most` of any number of things, spread evenly over all of them: every first, then every second, every
/// fourth, and so on.
template <class T>
class EvenSample {
 public:
  explicit EvenSample(std::size_t most) : most_(most) {}

  /// Whether the next thing is one to keep: if so give it to add(), otherwise to nobody.
  bool wanted() {
    if (seen_++ % stride_ != 0) return false;
    if (kept_.size() < most_) return true;
    std::vector<T> half;
    for (std::size_t i = 0; i < kept_.size(); i += 2) half.push_back(std::move(kept_[i]));
    kept_ = std::move(half);
    stride_ *= 2;
    return (seen_ - 1) % stride_ == 0;
  }
  void add(T thing) { kept_.push_back(std::move(thing)); }

  [[nodiscard]] const std::vector<T>& kept() const noexcept { return kept_; }

 private:
  std::size_t most_;
  std::size_t seen_ = 0;
  std::size_t stride_ = 1;
  std::vector<T> kept_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_DECISIONS_H_
