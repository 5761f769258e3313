#ifndef SMART_CAMERA_FRAME_WINDOW_H_
#define SMART_CAMERA_FRAME_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <set>

namespace smart_camera {

/// Which frames are on their way: it bounds how far the camera may be ahead, and knows what never came back.
///
/// Thread safety: as a standard container.
class FrameWindow {
 public:
  explicit FrameWindow(std::size_t ahead) : ahead_(ahead) {}

  [[nodiscard]] bool full() const noexcept { return under_way_.size() >= ahead_; }
  void sent(std::int64_t frame) { under_way_.insert(frame); }
  /// @return false for a frame that came before: a detector that is restarted may deliver one twice
  bool processed(std::int64_t frame) { return under_way_.erase(frame) > 0; }

  /// Sent and not processed.
  [[nodiscard]] const std::set<std::int64_t>& under_way() const noexcept { return under_way_; }

 private:
  std::size_t ahead_;
  std::set<std::int64_t> under_way_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_FRAME_WINDOW_H_
