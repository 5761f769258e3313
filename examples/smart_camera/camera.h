#ifndef SMART_CAMERA_CAMERA_H_
#define SMART_CAMERA_CAMERA_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "channels.h"
#include "support/frame_window.h"

namespace smart_camera {

struct CameraOptions {
  std::string source = {};        ///< a video file, a camera's number, or a stream's URL
  std::string name = "camera-1";  ///< of this camera; it is also the consumer group that follows the results
  int every = 1;                  ///< sends every Nth frame of the video
  int width = 0;                  ///< scales frames down to this many pixels; 0: as they are
  std::int64_t frames = 0;        ///< sends at most so many; 0: all
  std::size_t ahead = 8;          ///< frames sent and not yet processed; a live camera drops what is more
  std::size_t ahead_bytes = std::size_t{4} << 20;  ///< of these frames; the embedded broker keeps 5 MiB
  std::chrono::seconds patience{60};               ///< how long to wait for any frame to be processed
};

/// What a camera has seen so far.
struct CameraReport {
  std::int64_t sent = 0;
  std::int64_t processed = 0;  ///< each counted once
  std::int64_t repeated = 0;   ///< delivered again, after a detector was restarted
  std::int64_t dropped = 0;    ///< by a live camera, because nobody kept up
  std::int64_t people = 0;
  bool live = false;                            ///< a camera or a stream
  std::int64_t undecoded = 0;                   ///< frames of the video that could not be decoded
  std::int64_t cut_off = 0;                     ///< frames that a file declares and ended without
  std::int64_t reconnects = 0;                  ///< how often a live camera broke off and came back
  std::vector<std::int64_t> missing = {};       ///< sent and not processed
  std::chrono::microseconds busy{0};            ///< from the first frame's capture to the last result
  std::vector<std::int64_t> latency_us = {};    ///< from capture to the result's arrival, of each frame
  std::vector<std::int64_t> wait_us = {};       ///< of it, waiting for a detector
  std::vector<std::int64_t> inference_us = {};  ///< of it, detecting
  std::map<std::string, std::int64_t> by_detector = {};

  /// Whether every frame of the video was read and processed; of a live camera: every frame that came.
  [[nodiscard]] bool complete() const { return missing.empty() && (live || undecoded + cut_off == 0); }
};

/// Sends the frames of a video and follows what becomes of them.
///
/// Thread safety: run() on one thread, once; report() from any.
class Camera {
 public:
  Camera(ConfigFor config_for, CameraOptions options);

  /// Returns when every frame sent was processed, or the stop was requested. @throws Error, also when nothing was
  /// processed for CameraOptions::patience
  void run(std::stop_token stop);
  [[nodiscard]] CameraReport report() const;

 private:
  void send_frames(const std::stop_token& stop);
  void follow(const std::stop_token& stop);
  void record(const conveyor::v1::ProcessedImage& processed, std::string_view detector);
  /// @return false when the stop was requested before it was ready. @throws Error when nothing happens any more
  template <class Ready>
  bool wait_until(const std::stop_token& stop, Ready ready);

  const ConfigFor config_for_;
  const CameraOptions options_;
  const std::string run_;  // in every frame's source, so that results of an earlier run are not taken for this one's

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  support::FrameWindow window_;
  CameraReport report_;
  std::chrono::system_clock::time_point first_capture_;
  bool following_ = false;
  std::exception_ptr follow_failed_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_CAMERA_H_
