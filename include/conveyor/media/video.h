#ifndef CONVEYOR_MEDIA_VIDEO_H_
#define CONVEYOR_MEDIA_VIDEO_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <stop_token>
#include <string>

#include "conveyor/export.h"

namespace conveyor::media {

struct VideoOptions {
  /// How long opening a stream (URL) may take, and waiting for its next frame. Files answer at once; a camera that
  /// stops answering is given up by its driver's own limit (V4L2: 10 seconds).
  std::chrono::milliseconds open_timeout{10'000};
  std::chrono::milliseconds read_timeout{10'000};
  /// How long a camera or stream that broke off is opened again and again, with growing pauses, before read() throws;
  /// 0: never. A stream that declares its length is not opened again: it would begin from its beginning.
  std::chrono::milliseconds reconnect_timeout{30'000};
  std::stop_token stop = {};  ///< ends the pauses of reconnecting: read() returns false then
};

struct VideoFrame {
  cv::Mat pixels = {};                ///< height x width, CV_8UC3, BGR; its memory is used again by the next read
  std::int64_t number = -1;           ///< in the video, from 0; frames that cannot be decoded are counted too
  std::chrono::microseconds time{0};  ///< as the file has it, or since a camera's first frame; rises with each frame
};

/// Frames of a video file, a camera or a stream.
///
///     conveyor::media::VideoSource video{"vtest.avi"};
///     for (conveyor::media::VideoFrame frame; video.read(frame);) show(frame.pixels);
///     if (video.undecoded_frames() + video.missing_frames() > 0) warn();
///
/// A frame that cannot be decoded is passed over and counted. A camera or stream that breaks off is opened again: the
/// next frame has the next number.
///
/// Thread safety: one thread at a time.
class CONVEYOR_EXPORT VideoSource {
 public:
  /// @param source a file's path; a camera as its number ("0") or device ("/dev/video0"); a URL ("rtsp://...")
  /// @throws Error with errc::invalid_config saying what is wrong with the source; with errc::timed_out when a stream
  ///         did not open in time
  explicit VideoSource(const std::string& source, const VideoOptions& options = {});
  ~VideoSource();
  VideoSource(VideoSource&&) noexcept;
  VideoSource& operator=(VideoSource&&) noexcept;

  /// The next frame, or false at the end of a file or of a stream that declares its length.
  /// @throws Error with errc::timed_out when a camera or stream broke off or gave no frame in time, and did not come
  ///         back within VideoOptions::reconnect_timeout; the next read() tries again
  bool read(VideoFrame& frame);

  /// Frames so far that could not be decoded and were followed by others.
  [[nodiscard]] std::int64_t undecoded_frames() const noexcept;
  /// Frames that a file declares and ended without, once read() returned false: it was cut short, or its last frames
  /// are broken. Where the number is not exact (of all but AVI, MP4 and MOV, and of what was trimmed without being
  /// encoded anew), up to a second of missing frames is not reported.
  [[nodiscard]] std::int64_t missing_frames() const noexcept;
  /// How often a camera or stream was opened again.
  [[nodiscard]] std::int64_t reconnects() const noexcept;

  [[nodiscard]] double fps() const noexcept;  ///< frames a second as declared; 0 when not known
  [[nodiscard]] int width() const noexcept;   ///< pixels
  [[nodiscard]] int height() const noexcept;  ///< pixels
  /// How many frames a file says it shows, which may be an estimate; 0 when not known.
  [[nodiscard]] std::int64_t frame_count() const noexcept;
  [[nodiscard]] bool is_live() const noexcept;  ///< a camera or a stream: frames come when they come

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A source as it may be shown: the user and password of a URL are left out.
[[nodiscard]] CONVEYOR_EXPORT std::string without_credentials(const std::string& source);

}  // namespace conveyor::media

#endif  // CONVEYOR_MEDIA_VIDEO_H_
