#ifndef CONVEYOR_SRC_WORKER_FAILURE_PATH_H_
#define CONVEYOR_SRC_WORKER_FAILURE_PATH_H_

#include <chrono>
#include <exception>
#include <functional>
#include <system_error>

#include "conveyor/retry.h"
#include "core/retry_policy.h"
#include "transactions/task.h"
#include "worker/completion.h"

namespace conveyor::worker {

/// What comes next for a record that was not handled, or whose dead letter was not written.
///
/// A decision without threads, clock or randomness of its own; it changes nothing of the task.
class FailurePath {
 public:
  using Clock = std::chrono::steady_clock;

  struct Next {
    enum class Step {
      kRetry,       ///< it is handled again when it is due, which is another attempt
      kHold,        ///< it waits for a topic to take it, which says nothing of the record and is no attempt
      kDeadLetter,  ///< it is not handled again
      kStop,        ///< the worker stops
    };
    Step step = Step::kStop;
    Clock::time_point due = {};  ///< of kRetry and kHold
  };

  explicit FailurePath(const RetryOptions& options);

  /// Whether what a handler threw may pass: an Error says so itself, of others the options do. Of what was refused to a
  /// handler that sends, it is not asked: see Completion::Cause.
  [[nodiscard]] bool may_pass(const std::exception& thrown) const;

  /// @param task as it was when it failed
  /// @param random from [0, 1)
  [[nodiscard]] Next after(const Completion::Failure& failure, const Task& task, Clock::time_point now,
                           double random) const noexcept;

  /// @return kHold or kStop @param code why the dead letter was not written
  [[nodiscard]] Next after_dead_letter(std::error_code code, const Task::PendingDeadLetter& dead_letter,
                                       Clock::time_point now, double random) const noexcept;

 private:
  std::function<bool(const std::exception&)> also_;
  RetryPolicy retry_;
  RetryPolicy hold_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_FAILURE_PATH_H_
