#ifndef SMART_CAMERA_SUBSCRIPTION_H_
#define SMART_CAMERA_SUBSCRIPTION_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace smart_camera {

/// A part of the demo that reads a topic, on a thread of its own. What it throws is printed.
///
/// Thread safety: finish() on one thread; all other functions from any.
class Subscription {
 public:
  using Run = std::function<void(const std::stop_token& stop, std::atomic<std::int64_t>& seen)>;

  Subscription(std::string name, Run run);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::int64_t seen() const { return seen_; }
  [[nodiscard]] bool failed() const { return failed_; }
  void finish();

 private:
  std::string name_;
  std::atomic<std::int64_t> seen_{0};
  std::atomic<bool> failed_{false};
  std::jthread thread_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_SUBSCRIPTION_H_
