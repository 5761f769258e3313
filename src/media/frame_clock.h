#ifndef CONVEYOR_SRC_MEDIA_FRAME_CLOCK_H_
#define CONVEYOR_SRC_MEDIA_FRAME_CLOCK_H_

#include <chrono>
#include <cstdint>
#include <optional>

namespace conveyor::media {

/// Number and time of the frames that are read from a video. Pure: it is told what was read.
///
/// A frame that cannot be decoded is counted. Decoders that reorder frames report it before they give the last frames
/// that precede it; the positions show where the gap is.
class FrameClock {
 public:
  struct Stamp {
    std::int64_t number = 0;            ///< from 0
    std::chrono::microseconds time{0};  ///< greater than that of the frame before
  };

  /// @param fps frames a second; 0: not known
  explicit FrameClock(double fps) : fps_(fps > 0 ? fps : 0) {}

  /// A frame came.
  /// @param position the time that the video gives; none where it gives none. One that does not rise counts as none:
  ///         the last frames out of a decoder that reorders have 0
  Stamp frame_read(std::optional<std::chrono::microseconds> position);
  /// No frame came where one should have been.
  void read_failed() { ++failed_; }
  /// The reads that failed since the last frame were not frames: the connection broke.
  void forget_failed() { failed_ = 0; }

  /// The number of the next frame, if none fails.
  [[nodiscard]] std::int64_t next_number() const noexcept { return next_; }
  /// Frames that could not be decoded and were followed by others.
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
