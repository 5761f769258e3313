#ifndef SMART_CAMERA_CAMERA_H_
#define SMART_CAMERA_CAMERA_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <opencv2/core/mat.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "channels.h"
#include "frame_reader.h"
#include "partition_lag.h"
#include "support/frame_window.h"
#include "support/latency_histogram.h"

namespace conveyor {
class Producer;
}

namespace smart_camera {

struct CameraOptions {
  std::string name = "camera-1";
  ReaderOptions reader = {};
  int width = 0;            ///< scales frames down to this many pixels; 0: as they are
  std::int64_t frames = 0;  ///< sends at most so many; 0: all
  /// Frames sent and not yet processed; a live camera drops what is more. 0: 8, live 3, because what waits before a
  /// detector is old by the time that its turn comes.
  std::size_t ahead = 0;
  std::size_t ahead_bytes = std::size_t{4} << 20;  ///< of these frames; the embedded broker keeps 5 MiB
  /// A file: how long to wait for any frame to be processed. Live: after it a frame that did not come back is lost.
  std::chrono::seconds patience{60};
};

/// What a camera has seen so far.
struct CameraReport {
  std::string name = {};
  std::int64_t sent = 0;
  std::int64_t processed = 0;  ///< each counted once
  std::int64_t repeated = 0;   ///< delivered again, after a detector was restarted
  std::int64_t dropped = 0;    ///< by a live camera, because nobody kept up
  std::int64_t people = 0;
  bool live = false;
  bool away = false;                         ///< a live camera that gives nothing at present
  std::string why = {};                      ///< what is wrong with one that is away
  std::int64_t undecoded = 0;                ///< frames of the video that could not be decoded
  std::int64_t cut_off = 0;                  ///< frames that a file declares and ended without
  std::int64_t reconnects = 0;               ///< how often a live camera broke off and came back
  std::int64_t lost = 0;                     ///< of a live camera: sent, and given up after CameraOptions::patience
  std::vector<std::int64_t> missing = {};    ///< sent and not processed; no more than were ahead
  std::chrono::microseconds busy{0};         ///< from the first frame's capture to the last result
  support::LatencyHistogram latency = {};    ///< from capture to the result's arrival
  support::LatencyHistogram wait = {};       ///< of it, waiting for a detector
  support::LatencyHistogram inference = {};  ///< of it, detecting
  std::map<std::string, std::int64_t> by_detector = {};
  PartitionLag lag = {};

  /// Whether every frame of the video was read and processed; of a live camera: every frame that was sent.
  [[nodiscard]] bool complete() const { return missing.empty() && lost == 0 && (live || undecoded + cut_off == 0); }
};

/// Sends the frames of a camera, and knows what became of them.
///
/// Thread safety: run() on one thread, once; all other functions from any.
class Camera {
 public:
  /// @throws Error when the source cannot be opened
  explicit Camera(CameraOptions options);

  /// Returns when every frame sent was processed, or the stop was requested.
  /// @throws Error, also when of a file nothing was processed for CameraOptions::patience; what fail() was given
  void run(conveyor::Producer& producer, const std::stop_token& stop);

  /// Takes a result; those of other cameras, or of an earlier run, are passed over.
  void on_processed(const conveyor::v1::ProcessedImage& processed, std::string_view detector);
  /// No more results will come: run() throws it.
  void fail(std::exception_ptr failure);

  [[nodiscard]] const std::string& name() const noexcept { return options_.name; }
  [[nodiscard]] double fps() const noexcept { return fps_; }  ///< 0 when not known
  [[nodiscard]] bool live() const noexcept { return live_; }
  [[nodiscard]] CameraReport report() const;

 private:
  using Clock = std::chrono::steady_clock;

  void send_frames(conveyor::Producer& producer, const std::stop_token& stop);
  void send(conveyor::Producer& producer, const cv::Mat& pixels, std::int64_t number);
  bool has_room(const std::stop_token& stop);
  void note(FrameReader::Got got);
  /// @return false when the stop was requested before it was ready. @throws Error when nothing happens any more
  template <class Ready>
  bool wait_until(const std::stop_token& stop, Ready ready);

  const CameraOptions options_;
  const std::string source_;
  FrameReader reader_;
  const double fps_;
  const bool live_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  support::FrameWindow window_;
  std::deque<std::pair<std::int64_t, Clock::time_point>> sent_at_;  // those of the window, and few that are back
  CameraReport report_;
  std::chrono::system_clock::time_point first_capture_;
  std::exception_ptr failure_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_CAMERA_H_
