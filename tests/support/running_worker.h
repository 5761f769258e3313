#ifndef CONVEYOR_TESTS_SUPPORT_RUNNING_WORKER_H_
#define CONVEYOR_TESTS_SUPPORT_RUNNING_WORKER_H_

#include <chrono>
#include <future>
#include <stdexcept>
#include <stop_token>

#include "conveyor/worker.h"

namespace conveyor::tests {

/// Worker::run on a thread of its own, stopped at the end of the scope at the latest.
class RunningWorker {
 public:
  explicit RunningWorker(Worker& worker)
      : report_(std::async(std::launch::async, [&worker, token = stop_.get_token()] { return worker.run(token); })) {}
  ~RunningWorker() { stop_.request_stop(); }
  RunningWorker(const RunningWorker&) = delete;
  RunningWorker& operator=(const RunningWorker&) = delete;

  /// Asks it to stop and returns its report. @throws what run() threw
  RunReport stop() {
    stop_.request_stop();
    return end();
  }
  /// Whether it ended by itself within the time.
  [[nodiscard]] bool ended(std::chrono::milliseconds within) const {
    return report_.wait_for(within) == std::future_status::ready;
  }
  /// Waits until it ends by itself. @throws what run() threw
  RunReport end(std::chrono::seconds within = std::chrono::seconds(60)) {
    if (report_.wait_for(within) != std::future_status::ready) throw std::runtime_error("the worker does not end");
    return report_.get();
  }

 private:
  std::stop_source stop_;
  std::future<RunReport> report_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_RUNNING_WORKER_H_
