#ifndef SMART_CAMERA_CAMERAS_H_
#define SMART_CAMERA_CAMERAS_H_

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "camera.h"
#include "channels.h"

namespace smart_camera {

/// The cameras of a program: they send side by side, each at its own pace, and share one reader of the results.
///
/// Thread safety: reports() from any thread; all other functions on one.
class Cameras {
 public:
  /// @throws Error when a source cannot be opened
  explicit Cameras(const std::vector<CameraOptions>& cameras);
  ~Cameras();
  Cameras(const Cameras&) = delete;
  Cameras& operator=(const Cameras&) = delete;

  /// Begins to follow the results, which takes a moment, as joining a consumer group does.
  void connect(const ConfigFor& config_for, const std::string& group);
  /// After connect(). Returns when every frame sent was processed, or the stop was requested.
  /// @throws Error of the first camera that failed; the others are stopped
  void run(const ConfigFor& config_for, const std::stop_token& stop);

  [[nodiscard]] std::vector<CameraReport> reports() const;
  /// The lowest frame rate of all; 0 when no source says one.
  [[nodiscard]] double fps() const;
  [[nodiscard]] bool any_live() const;

 private:
  void follow(conveyor::Config config, const std::stop_token& stop);
  bool wait_until_following(const std::stop_token& stop);

  std::vector<std::unique_ptr<Camera>> cameras_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool following_ = false;
  std::exception_ptr failure_;
  std::jthread follower_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_CAMERAS_H_
