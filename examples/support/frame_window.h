#ifndef SUPPORT_FRAME_WINDOW_H_
#define SUPPORT_FRAME_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <map>

namespace support {

/// Which frames are on their way: it bounds how far the camera may be ahead, and knows what never came back.
///
/// Thread safety: as a standard container.
class FrameWindow {
 public:
  FrameWindow(std::size_t most_frames, std::size_t most_bytes) : most_frames_(most_frames), most_bytes_(most_bytes) {}

  /// Whether there is no room for another. One frame may be sent however large it is.
  [[nodiscard]] bool full() const noexcept { return under_way_.size() >= most_frames_ || bytes_ >= most_bytes_; }

  void sent(std::int64_t frame, std::size_t bytes) {
    if (under_way_.emplace(frame, bytes).second) bytes_ += bytes;
  }
  /// @return false for a frame that came before: a detector that is restarted may deliver one twice
  bool processed(std::int64_t frame) {
    const auto found = under_way_.find(frame);
    if (found == under_way_.end()) return false;
    bytes_ -= found->second;
    under_way_.erase(found);
    return true;
  }

  /// Frames sent and not processed, with their sizes.
  [[nodiscard]] const std::map<std::int64_t, std::size_t>& under_way() const noexcept { return under_way_; }

 private:
  std::size_t most_frames_;
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::map<std::int64_t, std::size_t> under_way_;
};

}  // namespace support

#endif  // SUPPORT_FRAME_WINDOW_H_
