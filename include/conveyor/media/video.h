#ifndef CONVEYOR_MEDIA_VIDEO_H_
#define CONVEYOR_MEDIA_VIDEO_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <string>

#include "conveyor/export.h"

namespace conveyor::media {

struct VideoOptions {
  /// How long opening a stream (URL) may take, and waiting for its next frame. Files answer at once; a camera that
  /// stops answering is given up by its driver's own limit (V4L2: 10 seconds).
  std::chrono::milliseconds open_within{10'000};
  std::chrono::milliseconds read_within{10'000};
};

struct VideoFrame {
  cv::Mat pixels = {};                ///< height x width, CV_8UC3, BGR; its memory is used again by the next read
  std::int64_t number = -1;           ///< in the video, from 0
  std::chrono::microseconds time{0};  ///< since the first frame: as the file has it, or as frames came from a camera
};

/// Frames of a video file, a camera or a stream.
///
///     conveyor::media::VideoSource video{"vtest.avi"};
///     for (conveyor::media::VideoFrame frame; video.read(frame);) show(frame.pixels);
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

  /// The next frame, or false at the end of a file or stream.
  /// @throws Error with errc::timed_out when a camera or stream gave none in time
  bool read(VideoFrame& frame);

  [[nodiscard]] double fps() const noexcept;  ///< frames a second as declared; 0 when not known
  [[nodiscard]] int width() const noexcept;   ///< pixels
  [[nodiscard]] int height() const noexcept;  ///< pixels
  /// How many frames a file says it has, which may be an estimate; 0 when not known.
  [[nodiscard]] std::int64_t frame_count() const noexcept;
  [[nodiscard]] bool is_live() const noexcept;  ///< a camera or a stream: frames come when they come

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conveyor::media

#endif  // CONVEYOR_MEDIA_VIDEO_H_
