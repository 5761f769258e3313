#ifndef IMAGE_MESSAGING_CAPTURE_H_
#define IMAGE_MESSAGING_CAPTURE_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "answer_watch.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "frame_source.h"
#include "pace.h"
#include "support/cluster.h"

namespace conveyor {
class Producer;
}

namespace image_messaging {

struct CaptureOptions {
  SourceOptions source = {};
  std::string name = "camera-1";  ///< the frames' source; different for each camera
  double fps = 0;                 ///< frames a second; 0: as many as the source has
  int width = 320;                ///< pixels; wider frames are made smaller: raw pixels are large. 0: as they are
  std::int64_t frames = 0;        ///< sends at most so many; 0: all
  bool live = false;              ///< drops frames while too many have no prediction; cameras and streams always do
  std::size_t ahead = 8;          ///< frames without a prediction, at most
  std::size_t ahead_bytes = std::size_t{8} << 20;  ///< of these frames
  std::chrono::milliseconds patience{30'000};      ///< after which a frame without a prediction is given up
};

/// What a capture has seen so far: sent == answered + unanswered + failed + those under way.
struct CaptureReport {
  std::int64_t sent = 0;
  std::int64_t answered = 0;                      ///< a prediction came
  std::int64_t unanswered = 0;                    ///< none came in time
  std::int64_t failed = 0;                        ///< Kafka did not take it
  std::int64_t dropped = 0;                       ///< not sent, to stay live
  std::int64_t unreadable = 0;                    ///< frames of the source that could not be decoded, or are missing
  std::int64_t reconnects = 0;                    ///< how often a camera broke off and came back
  std::chrono::steady_clock::duration waited{0};  ///< for predictions, summed over the answered frames

  [[nodiscard]] bool complete() const { return sent > 0 && answered == sent && unreadable == 0; }
};

/// Sends the frames of a source on VideoStream, numbered from 0, and watches Predictions so as not to run ahead.
///
/// Thread safety: run() on one thread, once; report() from any.
class Capture {
 public:
  /// @throws Error saying what is wrong with the source
  Capture(support::ConfigFor config_for, CaptureOptions options);

  /// Returns at the source's end, when every frame was answered or given up, or when the stop was requested.
  /// @throws Error
  void run(std::stop_token stop);
  [[nodiscard]] CaptureReport report() const;
  [[nodiscard]] bool live() const { return source_->live(); }  ///< a camera or a stream
  /// Whether it drops frames rather than wait.
  [[nodiscard]] bool drops() const { return live() || options_.live; }

 private:
  using Clock = std::chrono::steady_clock;

  void send_frames(const std::stop_token& stop);
  void send(conveyor::Producer& producer, const cv::Mat& pixels, std::int64_t number);
  void follow(const std::stop_token& stop);
  void record(std::optional<std::string_view> key, const conveyor::v1::Prediction& prediction);
  /// @return false when the stop was requested before it was ready
  template <class Ready>
  bool wait_until(const std::stop_token& stop, Ready ready);
  bool wait_until_due(const std::stop_token& stop, Clock::time_point due);

  const support::ConfigFor config_for_;
  const CaptureOptions options_;
  const std::unique_ptr<FrameSource> source_;
  const double fps_;
  conveyor::v1::Image image_;  // its memory is used again

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  AnswerWatch watch_;
  CaptureReport report_;
  bool following_ = false;
  std::exception_ptr follow_failed_;
};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_CAPTURE_H_
