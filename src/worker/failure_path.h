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

/// Decides what comes next for a record that was not handled, or whose dead letter was not written.
///
/// It has no threads, no clock and no randomness of its own, and it does not change the task.
class FailurePath {
 public:
  using Clock = std::chrono::steady_clock;

  struct Next {
    enum class Step {
      kRetry,       ///< the record is handled again at `due`; this counts as an attempt
      kHold,        ///< the record waits because a topic takes nothing now; the record is not to blame: no attempt
      kDeadLetter,  ///< the record is not handled again
      kStop,        ///< the worker stops
    };
    Step step = Step::kStop;
    Clock::time_point due = {};  ///< for kRetry and kHold
  };

  explicit FailurePath(const RetryOptions& options);

  /// Whether the handler may succeed after this exception when it is called again: an Error says so itself, and
  /// RetryOptions::also decides about others. A refused send is not asked about here: see Completion::Cause.
  [[nodiscard]] bool may_pass(const std::exception& thrown) const;

  /// @param task the task as it was when it failed
  /// @param random a number in [0, 1)
  [[nodiscard]] Next after(const Completion::Failure& failure, const Task& task, Clock::time_point now,
                           double random) const noexcept;

  /// A dead letter that is too large is sent once more, with only the headers that identify the record
  /// (PendingDeadLetter::small). When that one is too large too, the worker stops. Any other dead letter that was not
  /// written is tried again without end, and the record waits for it.
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
