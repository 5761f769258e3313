#include "cameras.h"

#include <algorithm>
#include <utility>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "support/on_assigned.h"
#include "support/readable.h"

namespace smart_camera {

using namespace std::chrono_literals;

Cameras::Cameras(const std::vector<CameraOptions>& cameras) {
  for (const CameraOptions& options : cameras) cameras_.push_back(std::make_unique<Camera>(options));
}

Cameras::~Cameras() = default;

void Cameras::connect(const ConfigFor& config_for, const std::string& group) {
  follower_ = std::jthread([this, config = config_for(group)](const std::stop_token& stop) { follow(config, stop); });
}

void Cameras::run(const ConfigFor& config_for, const std::stop_token& stop) {
  std::stop_source stop_cameras;
  const std::stop_callback pass_on(stop, [&] { stop_cameras.request_stop(); });
  std::exception_ptr failure;
  // A frame sent before its result is waited for would only wait.
  if (wait_until_following(stop)) {
    conveyor::Config config = config_for("");
    config.properties.try_emplace("linger.ms", "0");  // there is never a second frame to wait for
    conveyor::Producer producer(config);
    std::vector<std::jthread> threads;
    for (const auto& camera : cameras_) {
      threads.emplace_back([&, camera = camera.get()] {
        try {
          camera->run(producer, stop_cameras.get_token());
        } catch (...) {
          const std::lock_guard lock(mutex_);
          if (!failure) failure = std::current_exception();
          stop_cameras.request_stop();
        }
      });
    }
    threads.clear();
    producer.flush(10s);
  }
  follower_.request_stop();
  follower_.join();
  if (!failure) failure = failure_;
  if (failure) std::rethrow_exception(failure);
}

void Cameras::follow(conveyor::Config config, const std::stop_token& stop) {
  try {
    config.properties["allow.auto.create.topics"] = "true";  // no detector may have sent anything yet
    config.observer = std::make_shared<support::OnAssigned>(nullptr, [this] {
      {
        const std::lock_guard lock(mutex_);
        following_ = true;
      }
      changed_.notify_all();
    });
    conveyor::Consumer consumer(config, kProcessed, {.stop = stop});
    support::for_each_readable(consumer, [this](const auto& message) {
      for (const auto& camera : cameras_) {
        camera->on_processed(message.value(), message.metadata().sending_service);
      }
    });
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
    }
    for (const auto& camera : cameras_) camera->fail(failure_);
  }
  changed_.notify_all();
}

/// @return false when the stop was requested before, or following failed
bool Cameras::wait_until_following(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    { const std::lock_guard lock(mutex_); }
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return following_ || failure_ || stop.stop_requested(); });
  return following_ && !failure_ && !stop.stop_requested();
}

std::vector<CameraReport> Cameras::reports() const {
  std::vector<CameraReport> reports;
  for (const auto& camera : cameras_) reports.push_back(camera->report());
  return reports;
}

double Cameras::fps() const {
  double lowest = 0;
  for (const auto& camera : cameras_) {
    if (camera->fps() > 0 && (lowest == 0 || camera->fps() < lowest)) lowest = camera->fps();
  }
  return lowest;
}

bool Cameras::any_live() const {
  return std::any_of(cameras_.begin(), cameras_.end(), [](const auto& camera) { return camera->live(); });
}

}  // namespace smart_camera
