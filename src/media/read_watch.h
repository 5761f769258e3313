#ifndef CONVEYOR_SRC_MEDIA_READ_WATCH_H_
#define CONVEYOR_SRC_MEDIA_READ_WATCH_H_

#include <chrono>
#include <cstdint>
#include <optional>

namespace conveyor::media {

/// What to do when a video gives no frame: OpenCV does not tell a frame that cannot be decoded from the end of a file
/// and from a connection that broke. Pure: it is told what happened and what time it is.
class ReadWatch {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    bool live = false;          ///< a camera, or a stream of unknown length
    std::int64_t declared = 0;  ///< frames, where there is an end; 0: not known
    std::chrono::milliseconds reconnect_timeout{0};
  };
  enum class Next {
    kReadOn,     ///< perhaps a frame could not be decoded
    kReconnect,  ///< open it again after backoff()
    kEnd,        ///< that was the last frame
    kGiveUp,     ///< it broke off, and did not come back in time
  };

  explicit ReadWatch(const Options& options) : options_(options) {}

  /// @param next_number of the frame behind it
  void frame_read(std::int64_t next_number);
  /// @param late no frame came in the time allowed, rather than at once
  [[nodiscard]] Next read_failed(bool late, Clock::time_point now);
  /// An attempt to open it again failed.
  [[nodiscard]] Next open_failed(Clock::time_point now) { return broken(now); }

  /// How long to wait before the next attempt to open it again.
  [[nodiscard]] std::chrono::milliseconds backoff() const noexcept { return backoff_; }

 private:
  Next broken(Clock::time_point now);

  Options options_;
  std::int64_t next_number_ = 0;
  std::int64_t failed_ = 0;  // reads since the last frame, or since it was opened again
  std::optional<Clock::time_point> broken_since_ = {};
  std::chrono::milliseconds backoff_{0};
};

}  // namespace conveyor::media

#endif  // CONVEYOR_SRC_MEDIA_READ_WATCH_H_
