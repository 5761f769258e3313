#ifndef SMART_CAMERA_DECISIONS_H_
#define SMART_CAMERA_DECISIONS_H_

#include <cstddef>
#include <utility>
#include <vector>

namespace smart_camera {

/// Whether a frame shows another number of people than the one before.
class CountChange {
 public:
  /// True for the first frame too: there is nothing to compare it with.
  bool changed(int people) {
    const bool differs = people != last_;
    before_ = std::exchange(last_, people);
    return differs;
  }
  /// The number on the frame before the last; -1 before the first.
  [[nodiscard]] int before() const noexcept { return before_; }

 private:
  int last_ = -1;
  int before_ = -1;
};

/// Alerts when the number of people reaches a threshold, once, until it was below for some frames in a row: a detector
/// that misses somebody for a moment shall not cause an alert a second.
class CrowdAlert {
 public:
  explicit CrowdAlert(int threshold, int calm_frames = 5) : threshold_(threshold), calm_frames_(calm_frames) {}

  bool raised(int people) {
    if (people < threshold_) {
      if (++below_ >= calm_frames_) active_ = false;
      return false;
    }
    below_ = 0;
    return !std::exchange(active_, true);
  }

 private:
  int threshold_;
  int calm_frames_;
  int below_ = 0;
  bool active_ = false;
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
