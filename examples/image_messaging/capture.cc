#include "capture.h"

#include <memory>
#include <opencv2/imgproc.hpp>
#include <random>
#include <thread>
#include <utility>

#include "channels.h"
#include "conveyor/consumer.h"
#include "conveyor/error.h"
#include "conveyor/producer.h"
#include "conveyor/vision/image.h"
#include "support/on_assigned.h"
#include "support/readable.h"
#include "support/scaled.h"

namespace image_messaging {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::system_clock;

Capture::Capture(support::ConfigFor config_for, CaptureOptions options)
    : config_for_(std::move(config_for)),
      options_(std::move(options)),
      source_(open_source(options_.source)),
      fps_(options_.fps > 0 ? options_.fps : source_->fps()),
      watch_(options_.name + "/" + std::to_string(std::random_device{}()), options_.ahead, options_.ahead_bytes,
             options_.patience) {}

void Capture::run(std::stop_token stop) {
  std::stop_source stop_following;
  std::jthread follower([&] { follow(stop_following.get_token()); });
  const std::stop_callback wake(stop, [this] {
    { const std::lock_guard lock(mutex_); }
    changed_.notify_all();
  });
  try {
    // Joining a group takes a moment, and what is sent before may not be seen to be answered.
    wait_until(stop, [this] { return following_; });
    send_frames(stop);
    wait_until(stop, [this] { return watch_.idle(); });
  } catch (...) {
    stop_following.request_stop();
    throw;
  }
  stop_following.request_stop();
}

void Capture::send_frames(const std::stop_token& stop) {
  conveyor::Producer producer(config_for_(options_.name));
  image_.set_source(options_.name);
  Pace pace(fps_);
  std::int64_t number = 0;
  cv::Mat pixels;
  while (!stop.stop_requested() && source_->read(pixels)) {
    if (live() ? !pace.wanted(Clock::now()) : !wait_until_due(stop, pace.next(Clock::now()))) continue;
    if (drops()) {
      const std::lock_guard lock(mutex_);
      report_.unanswered += watch_.give_up(Clock::now());
      if (watch_.full()) {
        ++report_.dropped;
        continue;
      }
    } else if (!wait_until(stop, [this] { return !watch_.full(); })) {
      break;
    }
    send(producer, pixels, number);
    if (++number == options_.frames) break;
  }
  {
    const std::lock_guard lock(mutex_);
    report_.unreadable = source_->unreadable();
    report_.reconnects = source_->reconnects();
  }
  producer.flush(10s);
}

void Capture::send(conveyor::Producer& producer, const cv::Mat& pixels, std::int64_t number) {
  const auto captured = system_clock::now();
  cv::Mat rgb;
  cv::cvtColor(support::scaled(pixels, options_.width), rgb, cv::COLOR_BGR2RGB);
  conveyor::vision::to_image(rgb, conveyor::v1::PIXEL_FORMAT_RGB, image_);
  image_.set_frame(number);
  image_.set_capture_time_us(duration_cast<microseconds>(captured.time_since_epoch()).count());
  std::string key = watch_.key(number);
  {
    const std::lock_guard lock(mutex_);
    watch_.sent(number, image_.image_data().size(), Clock::now());
    ++report_.sent;
  }
  try {
    // Frames of one key share a partition, and so a labeller: a key of its own for each lets all of them help.
    producer.send(kVideoStream, image_, {.key = key}, [this, key, number](const conveyor::Delivery& delivery) {
      if (!delivery.error) return;
      {
        const std::lock_guard lock(mutex_);
        if (watch_.answered(key, number)) ++report_.failed;
      }
      changed_.notify_all();
    });
  } catch (const conveyor::Error& error) {
    if (error.code() != conveyor::errc::message_too_large) throw;
    throw conveyor::Error(error.code(), std::string(error.what()) +
                                            "; send smaller frames (--width), or raise CONVEYOR_MAX_RECORD_BYTES and "
                                            "the topic's max.message.bytes");
  }
}

void Capture::follow(const std::stop_token& stop) {
  try {
    conveyor::Config config = config_for_("capture-" + watch_.key(0));
    config.properties["allow.auto.create.topics"] = "true";  // no labeller may have sent anything yet
    config.observer = std::make_shared<support::OnAssigned>(config.observer, [this] {
      {
        const std::lock_guard lock(mutex_);
        following_ = true;
      }
      changed_.notify_all();
    });
    conveyor::Consumer consumer(config, kPredictions, {.start_at = conveyor::StartAt::kLatest, .stop = stop});
    support::for_each_readable(consumer, [this](const auto& message) { record(message.key(), message.value()); });
  } catch (...) {
    const std::lock_guard lock(mutex_);
    follow_failed_ = std::current_exception();
  }
  changed_.notify_all();
}

void Capture::record(std::optional<std::string_view> key, const conveyor::v1::Prediction& prediction) {
  {
    const std::lock_guard lock(mutex_);
    const auto sent = watch_.answered(key, prediction.frame());
    if (!sent) return;
    ++report_.answered;
    report_.waited += Clock::now() - *sent;
  }
  changed_.notify_all();
}

template <class Ready>
bool Capture::wait_until(const std::stop_token& stop, Ready ready) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (follow_failed_) std::rethrow_exception(follow_failed_);
    if (stop.stop_requested()) return false;
    report_.unanswered += watch_.give_up(Clock::now());
    if (ready()) return true;
    changed_.wait_for(lock, 100ms);
  }
}

bool Capture::wait_until_due(const std::stop_token& stop, Clock::time_point due) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested() && Clock::now() < due) changed_.wait_until(lock, due);
  return !stop.stop_requested();
}

CaptureReport Capture::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

}  // namespace image_messaging
