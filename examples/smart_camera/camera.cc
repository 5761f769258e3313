#include "camera.h"

#include <cstdio>
#include <random>

#include "camera_name.h"
#include "conveyor/error.h"
#include "conveyor/media/image_codec.h"
#include "conveyor/producer.h"
#include "people.h"
#include "support/scaled.h"

namespace smart_camera {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::system_clock;

constexpr std::chrono::seconds kLastFrames(5);

std::size_t ahead_of(const CameraOptions& options, bool live) {
  constexpr std::size_t kFile = 8;
  constexpr std::size_t kLive = 3;
  return options.ahead > 0 ? options.ahead : live ? kLive : kFile;
}

std::int64_t microseconds_since_epoch(system_clock::time_point time) {
  return duration_cast<microseconds>(time.time_since_epoch()).count();
}

}  // namespace

Camera::Camera(CameraOptions options)
    : options_(std::move(options)),
      source_(source_of(options_.name, std::random_device{}())),
      reader_(options_.reader),
      fps_(reader_.fps()),
      live_(reader_.live()),
      window_(ahead_of(options_, live_), options_.ahead_bytes) {
  report_.name = options_.name;
  report_.live = live_;
}

void Camera::run(conveyor::Producer& producer, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    { const std::lock_guard lock(mutex_); }
    changed_.notify_all();
  });
  send_frames(producer, stop);
  const auto all_back = [this] { return window_.under_way().empty(); };
  if (live_ && stop.stop_requested()) {
    // A live camera ends in no other way: what is on its way still counts.
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLastFrames, [&] { return all_back() || failure_; });
    return;
  }
  wait_until(stop, all_back);
}

void Camera::send_frames(conveyor::Producer& producer, const std::stop_token& stop) {
  std::int64_t sent = 0;
  conveyor::media::VideoFrame frame;
  while (!stop.stop_requested()) {
    const FrameReader::Got got = reader_.read(frame, stop);
    note(got);
    if (got == FrameReader::Got::kEnd) break;
    if (got != FrameReader::Got::kFrame || !has_room(stop)) continue;
    send(producer, support::scaled(frame.pixels, options_.width), sent);
    if (++sent == options_.frames) break;
  }
}

/// A file waits for it; a live camera drops the frame.
bool Camera::has_room(const std::stop_token& stop) {
  if (!live_) return wait_until(stop, [this] { return !window_.full(); });
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
  const auto too_old = Clock::now() - options_.patience;
  while (!sent_at_.empty() && sent_at_.front().second < too_old) {
    if (window_.processed(sent_at_.front().first)) ++report_.lost;
    sent_at_.pop_front();
  }
  if (window_.full()) ++report_.dropped;
  return !window_.full();
}

void Camera::send(conveyor::Producer& producer, const cv::Mat& pixels, std::int64_t number) {
  const auto captured = system_clock::now();
  conveyor::v1::Image image;
  image.set_source(source_);
  image.set_frame(number);
  image.set_capture_time_us(microseconds_since_epoch(captured));
  conveyor::media::to_jpeg(pixels, image);
  {
    const std::lock_guard lock(mutex_);
    if (number == 0) first_capture_ = captured;
    window_.sent(number, image.image_data().size());
    sent_at_.emplace_back(number, Clock::now());
    ++report_.sent;
  }
  // Frames of one key share a partition, and so a detector: a key of its own for each lets all of them help.
  producer.send(kFrames, image, {.key = options_.name + "/" + std::to_string(number)},
                [this](const conveyor::Delivery& delivery) {
                  if (delivery.error) return;
                  const std::lock_guard lock(mutex_);
                  report_.lag.sent(delivery.partition, delivery.offset);
                });
}

void Camera::note(FrameReader::Got got) {
  const bool away = got == FrameReader::Got::kAway;
  {
    const std::lock_guard lock(mutex_);
    if (got == FrameReader::Got::kSkipped) ++report_.dropped;
    report_.undecoded = reader_.undecoded();
    report_.cut_off = reader_.missing();
    report_.reconnects = reader_.reconnects();
    if (report_.away == away) return;
    report_.away = away;
    report_.why = reader_.why();
  }
  std::fprintf(stderr, "smart_camera: %s %s%s\n", options_.name.c_str(),
               away ? "is away; it is tried again: " : "is back", away ? reader_.why().c_str() : "");
}

void Camera::on_processed(const conveyor::v1::ProcessedImage& processed, std::string_view detector) {
  if (processed.image().source() != source_) return;
  constexpr std::size_t kMostDetectors = 64;  // names come from messages
  const auto now = system_clock::now();
  const auto& prediction = processed.prediction();
  {
    const std::lock_guard lock(mutex_);
    if (!window_.processed(processed.image().frame())) {
      ++report_.repeated;
      return;
    }
    while (!sent_at_.empty() && !window_.under_way().contains(sent_at_.front().first)) sent_at_.pop_front();
    ++report_.processed;
    const std::string name(detector);
    const bool known = report_.by_detector.size() < kMostDetectors || report_.by_detector.contains(name);
    ++report_.by_detector[known ? name : "others"];
    report_.people += people_in(processed);
    report_.busy = duration_cast<microseconds>(now - first_capture_);
    report_.latency.add(microseconds(microseconds_since_epoch(now) - processed.image().capture_time_us()));
    report_.wait.add(microseconds(prediction.timings().wait_us()));
    report_.inference.add(microseconds(prediction.timings().inference_us()));
    report_.lag.processed(prediction.input().partition(), prediction.input().offset());
  }
  changed_.notify_all();
}

void Camera::fail(std::exception_ptr failure) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
  }
  changed_.notify_all();
}

template <class Ready>
bool Camera::wait_until(const std::stop_token& stop, Ready ready) {
  std::unique_lock lock(mutex_);
  while (!ready()) {
    const std::int64_t before = report_.processed;
    changed_.wait_for(lock, options_.patience,
                      [&] { return ready() || report_.processed > before || failure_ || stop.stop_requested(); });
    if (failure_) std::rethrow_exception(failure_);
    if (stop.stop_requested()) return false;
    if (report_.processed == before && !ready()) {
      throw conveyor::Error(conveyor::errc::timed_out, options_.name + ": no frame was processed for " +
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
