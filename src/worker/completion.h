#ifndef CONVEYOR_SRC_WORKER_COMPLETION_H_
#define CONVEYOR_SRC_WORKER_COMPLETION_H_

#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "base/thread_annotations.h"
#include "conveyor/error.h"

namespace conveyor::worker {

/// Waits until an input is done: its handler has returned and everything it sent is acknowledged.
///
/// Thread safety: all functions may be called from any thread.
class Completion {
 public:
  /// What made the input fail.
  enum class Cause {
    kRecord,   ///< the record, or what its handler does with it
    kChannel,  ///< the destination of an output; this says nothing about the record
    kClient,   ///< the producer, which can send nothing more
  };
  struct Failure {
    std::error_code code = {};
    std::string text = {};
    bool retryable = false;  ///< as RetryOptions define it
    Cause cause = Cause::kRecord;
  };
  virtual ~Completion() = default;

  /// Adds one thing to wait for. The handler itself counts from the start.
  void expect() noexcept { waiting_for_.fetch_add(1, std::memory_order_relaxed); }

  /// One of the awaited things has arrived, perhaps with a failure.
  void arrive(std::optional<Failure> failure = {}) {
    if (failure) {
      const MutexLock lock{mutex_};
      if (!failure_) failure_ = std::move(failure);
    }
    if (waiting_for_.fetch_sub(1, std::memory_order_acq_rel) == 1) end_as_last();
  }

 private:
  // Needs no lock: after the last arrival no other thread touches failure_.
  void end_as_last() CONVEYOR_NO_THREAD_ANALYSIS { end(std::move(failure_)); }

  /// Called once, on the thread of the last arrival, with the first failure if there was one.
  virtual void end(std::optional<Failure> failure) = 0;

  std::atomic<int> waiting_for_{1};
  Mutex mutex_;
  std::optional<Failure> failure_ CONVEYOR_GUARDED_BY(mutex_);
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_COMPLETION_H_
