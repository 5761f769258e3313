#ifndef SMART_CAMERA_FRAME_READER_H_
#define SMART_CAMERA_FRAME_READER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "conveyor/media/video.h"
#include "pace.h"

namespace smart_camera {

struct ReaderOptions {
  std::string source = {};  ///< a video file, a camera's number, or a stream's URL
  int every = 1;            ///< gives every Nth frame
  bool live = false;        ///< a file: at its own pace, as a live camera; cameras and streams are live in any case
  double fps = 0;           ///< of a file that is live; 0: as the file says
  bool loop = false;        ///< a file: again and again
  /// How long a live camera or stream may give nothing before it counts as away. It is tried on for ever.
  std::chrono::milliseconds away_after{5'000};
};

/// The frames of a file, a camera or a stream. A camera that goes away is waited for.
///
/// Thread safety: one thread at a time.
class FrameReader {
 public:
  /// Opens the source once, so that a wrong name or address is known at once. @throws Error
  explicit FrameReader(ReaderOptions options);

  enum class Got {
    kFrame,
    kSkipped,  ///< a frame of a live file that came too late
    kAway,     ///< the camera gives nothing: why() says what is wrong; the next call tries again
    kEnd,      ///< of the file, or a stop was requested
  };
  /// @throws Error for anything but a live camera that is away
  Got read(conveyor::media::VideoFrame& frame, const std::stop_token& stop);

  /// Whether nobody waits for who reads: of such frames the old ones are of no use.
  [[nodiscard]] bool live() const noexcept { return live_; }
  [[nodiscard]] double fps() const noexcept { return fps_; }  ///< 0 when not known
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

  [[nodiscard]] std::int64_t undecoded() const;   ///< frames that could not be decoded
  [[nodiscard]] std::int64_t missing() const;     ///< frames that a file declares and ended without
  [[nodiscard]] std::int64_t reconnects() const;  ///< how often a live camera came back

 private:
  bool open(const std::stop_token& stop);
  bool begin_again(const std::stop_token& stop);

  const ReaderOptions options_;
  std::optional<conveyor::media::VideoSource> video_;
  bool stream_ = false;  // a camera or stream: it is opened again when it is away
  bool live_ = false;
  double fps_ = 0;
  std::optional<Pace> pace_;
  std::int64_t in_this_round_ = 0;
  std::int64_t count_ = 0;
  std::int64_t undecoded_before_ = 0;  // in rounds that are over
  std::int64_t missing_before_ = 0;
  std::string why_;
};

/// @return false when the stop was requested before
bool sleep_until(std::chrono::steady_clock::time_point time, const std::stop_token& stop);

}  // namespace smart_camera

#endif  // SMART_CAMERA_FRAME_READER_H_
