#ifndef CONVEYOR_SRC_MEDIA_FRAME_CLOCK_H_
#define CONVEYOR_SRC_MEDIA_FRAME_CLOCK_H_

#include <chrono>
#include <cstdint>
#include <optional>

namespace conveyor::media {

/// Which frame of a video it is that was read, and its time. Pure: it is told what was read.
///
/// A frame that cannot be decoded is counted. Decoders that reorder frames tell of it before they give the last ones in
/// front of it: positions show where the gap is.
class FrameClock {
 public:
  struct Stamp {
    std::int64_t number = 0;            ///< from 0
    std::chrono::microseconds time{0};  ///< greater than that of the frame before
  };

  /// @param fps frames a second; 0: not known
  explicit FrameClock(double fps) : fps_(fps > 0 ? fps : 0) {}

  /// A frame came.
  /// @param position as the video has it; none where it has none. One that does not rise counts as none: the last
  ///        frames out of a decoder that reorders have 0
  Stamp frame_read(std::optional<std::chrono::microseconds> position);
  /// No frame came where one should have been.
  void read_failed() { ++failed_; }
  /// What failed since the last frame were no frames: the connection broke.
  void forget_failed() { failed_ = 0; }

  /// Of the next frame, if none fails.
  [[nodiscard]] std::int64_t next_number() const noexcept { return next_; }
  /// Frames that could not be decoded, and behind which others were.
  [[nodiscard]] std::int64_t undecoded() const noexcept { return undecoded_; }

 private:
  [[nodiscard]] std::chrono::microseconds step() const;

  double fps_;
  std::int64_t next_ = 0;
  std::chrono::microseconds last_{-1};
  std::chrono::microseconds last_step_{0};
  std::int64_t failed_ = 0;  // since the last frame
  std::int64_t hidden_ = 0;  // undecoded, and not yet seen as a gap
  std::int64_t undecoded_ = 0;
};

}  // namespace conveyor::media

#endif  // CONVEYOR_SRC_MEDIA_FRAME_CLOCK_H_
