#ifndef IMAGE_MESSAGING_LABEL_CHANGE_H_
#define IMAGE_MESSAGING_LABEL_CHANGE_H_

#include <string>
#include <string_view>
#include <utility>

namespace image_messaging {

/// Tells when the top label of a stream's frames has changed: another one must hold for some frames in a row, so that
/// labels that flicker do not count.
///
/// Thread safety: as a standard container.
class LabelChange {
 public:
  /// @param hold_frames in a row that must show another label; at least 1
  explicit LabelChange(int hold_frames) : hold_frames_(hold_frames) {}

  enum class Step {
    kNone,
    kBegan,    ///< the first frame of another label; keep it, it shows the change if the label holds
    kChanged,  ///< the label has held; the change was at the frame that began it, which may be this one
  };

  Step add(std::string_view label) {
    if (label == label_ && any_) {
      in_a_row_ = 0;
      return Step::kNone;
    }
    const bool begins = in_a_row_ == 0 || label != next_;
    if (begins) {
      next_ = label;
      in_a_row_ = 0;
    }
    if (++in_a_row_ < hold_frames_) return begins ? Step::kBegan : Step::kNone;
    before_ = std::exchange(label_, std::exchange(next_, {}));
    any_ = true;
    in_a_row_ = 0;
    return Step::kChanged;
  }

  /// The label that holds; empty before any did.
  [[nodiscard]] const std::string& label() const noexcept { return label_; }
  /// The one that held before it.
  [[nodiscard]] const std::string& before() const noexcept { return before_; }

 private:
  int hold_frames_;
  std::string label_;
  std::string before_;
  std::string next_;  // holds for in_a_row_ frames so far
  int in_a_row_ = 0;
  bool any_ = false;
};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_LABEL_CHANGE_H_
