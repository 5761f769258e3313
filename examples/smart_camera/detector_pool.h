#ifndef SMART_CAMERA_DETECTOR_POOL_H_
#define SMART_CAMERA_DETECTOR_POOL_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/child.h"

namespace smart_camera {

/// What becomes of a detector's process.
enum class DetectorState {
  kStarting,  ///< it runs, and has got no partitions yet
  kRunning,
  kStopping,  ///< it was asked to stop
  kStopped,   ///< it ended as it was asked to
  kFailed,    ///< it ended by itself
};
/// "starting", "running", ...
[[nodiscard]] const char* name_of(DetectorState state) noexcept;

struct DetectorInfo {
  std::string name = {};
  DetectorState state = DetectorState::kStopped;
  pid_t pid = -1;  ///< of the process that runs, or ran last
  int code = 0;    ///< how it ended: its exit code, or 128 and the signal
};

/// The detectors of a demo: processes that are started and stopped while the demo runs.
///
/// Thread safety: those functions that say so from any thread, all others on the main thread: a process ends with the
/// thread that started it.
class DetectorPool {
 public:
  using Start = std::function<std::unique_ptr<support::Child>(const std::string& name)>;

  static constexpr int kMost = 16;

  explicit DetectorPool(Start start) : start_(std::move(start)) {}

  /// Starts detector-1, detector-2 and so on, and waits until they have partitions, or `within` is over.
  /// @throws conveyor::Error when one ends instead
  void start(int count, std::chrono::seconds within);
  /// Carries out what was requested, and looks who ended. Call it a few times a second.
  void step();
  void stop();

  /// Has a detector started; from any thread. @param name of one that does not run; empty: of the first that is free
  /// @return what is wrong with the request; empty: nothing
  std::string request_start(const std::string& name = {});
  /// Has a detector stopped; from any thread. @return what is wrong with the request; empty: nothing
  std::string request_stop(const std::string& name);
  /// Those that were ever started, in the order of their names; from any thread.
  [[nodiscard]] std::vector<DetectorInfo> detectors() const;

 private:
  struct Detector {
    std::unique_ptr<support::Child> child;  // on the main thread only
    DetectorInfo info;
  };
  struct Wish {
    std::string name;
    bool run;
  };

  void launch(const std::string& name);
  void look_after(Detector& detector);
  [[nodiscard]] bool runs(const std::string& name) const;

  const Start start_;
  std::map<std::string, Detector> detectors_;
  mutable std::mutex mutex_;  // of every Detector::info and the wishes
  std::deque<Wish> wishes_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_DETECTOR_POOL_H_
