#include "camera.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <random>
#include <thread>
#include <utility>

#include "conveyor/consumer.h"
#include "conveyor/media/image_codec.h"
#include "conveyor/media/video.h"
#include "conveyor/observer.h"
#include "conveyor/producer.h"

namespace smart_camera {
namespace {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::system_clock;

std::string run_name(const std::string& source) {
  const std::string file = std::filesystem::path(conveyor::media::without_credentials(source)).filename().string();
  return file + "#" + std::to_string(std::random_device{}());
}

std::int64_t microseconds_since_epoch(system_clock::time_point time) {
  return duration_cast<microseconds>(time.time_since_epoch()).count();
}

cv::Mat scaled(const cv::Mat& pixels, int width) {
  if (width <= 0 || width >= pixels.cols) return pixels;
  cv::Mat small;
  cv::resize(pixels, small, cv::Size(width, pixels.rows * width / pixels.cols), 0, 0, cv::INTER_AREA);
  return small;
}

/// Calls back when the first partition was assigned; log lines go on to standard error.
class OnAssigned final : public conveyor::Observer {
 public:
  explicit OnAssigned(std::function<void()> then) : then_(std::move(then)) {}
  void on_log(const conveyor::LogLine& line) override { log_->on_log(line); }
  void on_event(const conveyor::Event& event) override {
    if (event.kind == conveyor::Event::Kind::kAssigned) then_();
  }

 private:
  std::shared_ptr<conveyor::Observer> log_ = conveyor::stderr_observer();
  std::function<void()> then_;
};

}  // namespace

Camera::Camera(ConfigFor config_for, CameraOptions options)
    : config_for_(std::move(config_for)),
      options_(std::move(options)),
      run_(run_name(options_.source)),
      window_(options_.ahead, options_.ahead_bytes) {}

void Camera::run(std::stop_token stop) {
  std::stop_source stop_following;
  std::jthread follower([&] { follow(stop_following.get_token()); });
  const std::stop_callback wake(stop, [this] {
    { const std::lock_guard lock(mutex_); }
    changed_.notify_all();
  });
  try {
    // Joining a group takes a moment; a frame sent before would only wait for it.
    wait_until(stop, [this] { return following_; });
    send_frames(stop);
    wait_until(stop, [this] { return window_.under_way().empty(); });
  } catch (...) {
    stop_following.request_stop();
    throw;
  }
  stop_following.request_stop();
}

void Camera::send_frames(const std::stop_token& stop) {
  conveyor::media::VideoSource video(options_.source, {.stop = stop});
  conveyor::Producer producer(config_for_(options_.name));
  conveyor::v1::Image image;
  image.set_source(run_);
  std::int64_t sent = 0;
  for (conveyor::media::VideoFrame frame; !stop.stop_requested() && video.read(frame);) {
    if (frame.number % options_.every != 0) continue;
    if (video.is_live()) {
      const std::lock_guard lock(mutex_);
      if (window_.full()) {
        ++report_.dropped;
        continue;
      }
    } else if (!wait_until(stop, [this] { return !window_.full(); })) {
      break;
    }
    const auto captured = system_clock::now();
    conveyor::media::to_jpeg(scaled(frame.pixels, options_.width), image);
    image.set_frame(sent);
    image.set_capture_time_us(microseconds_since_epoch(captured));
    {
      const std::lock_guard lock(mutex_);
      if (sent == 0) first_capture_ = captured;
      window_.sent(sent, image.image_data().size());
      ++report_.sent;
    }
    // Frames of one key share a partition, and so a detector: a key of its own for each lets all of them help.
    producer.send(kFrames, image, {.key = options_.name + "/" + std::to_string(sent)});
    if (++sent == options_.frames) break;
  }
  {
    const std::lock_guard lock(mutex_);
    report_.live = video.is_live();
    report_.undecoded = video.undecoded_frames();
    report_.cut_off = video.missing_frames();
    report_.reconnects = video.reconnects();
  }
  producer.flush(10s);
}

void Camera::follow(const std::stop_token& stop) {
  try {
    conveyor::Config config = config_for_(options_.name);
    config.properties["allow.auto.create.topics"] = "true";  // no detector may have sent anything yet
    config.observer = std::make_shared<OnAssigned>([this] {
      {
        const std::lock_guard lock(mutex_);
        following_ = true;
      }
      changed_.notify_all();
    });
    conveyor::Consumer consumer(config, kProcessed, {.stop = stop});
    for (const auto& message : consumer) {
      if (message.value().image().source() == run_) record(message.value(), message.metadata().sending_service);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    follow_failed_ = std::current_exception();
  }
  changed_.notify_all();
}

void Camera::record(const conveyor::v1::ProcessedImage& processed, std::string_view detector) {
  const auto now = system_clock::now();
  const auto& prediction = processed.prediction();
  {
    const std::lock_guard lock(mutex_);
    if (!window_.processed(processed.image().frame())) {
      ++report_.repeated;
      return;
    }
    ++report_.processed;
    ++report_.by_detector[std::string(detector)];
    report_.people += prediction.detections_size();
    report_.busy = duration_cast<microseconds>(now - first_capture_);
    report_.latency_us.push_back(microseconds_since_epoch(now) - processed.image().capture_time_us());
    report_.wait_us.push_back(prediction.timings().wait_us());
    report_.inference_us.push_back(prediction.timings().inference_us());
  }
  changed_.notify_all();
}

template <class Ready>
bool Camera::wait_until(const std::stop_token& stop, Ready ready) {
  std::unique_lock lock(mutex_);
  while (!ready()) {
    const std::int64_t before = report_.processed;
    changed_.wait_for(lock, options_.patience,
                      [&] { return ready() || report_.processed > before || follow_failed_ || stop.stop_requested(); });
    if (follow_failed_) std::rethrow_exception(follow_failed_);
    if (stop.stop_requested()) return false;
    if (report_.processed == before && !ready()) {
      throw conveyor::Error(conveyor::errc::timed_out, "no frame was processed for " +
                                                           std::to_string(options_.patience.count()) +
                                                           " seconds; are Kafka and a detector running?");
    }
  }
  return true;
}

CameraReport Camera::report() const {
  const std::lock_guard lock(mutex_);
  CameraReport report = report_;
  for (const auto& [frame, bytes] : window_.under_way()) report.missing.push_back(frame);
  return report;
}

}  // namespace smart_camera
