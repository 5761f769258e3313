#include "worker/failure_path.h"

#include <algorithm>
#include <limits>

#include "worker/output_failure.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;
using Step = FailurePath::Next::Step;

// A topic may take records again at any time, so a held record is tried without a limit.
RetryOptions for_ever(const RetryOptions& options) {
  return {.attempts = std::numeric_limits<int>::max(),
          .initial_backoff = std::max(options.initial_backoff, milliseconds(100)),
          .max_backoff = std::max(options.max_backoff, milliseconds(1'000)),
          .retry_timeout = milliseconds::max()};
}

}  // namespace

FailurePath::FailurePath(const RetryOptions& options)
    : also_(options.also), retry_(options), hold_(for_ever(options)) {}

bool FailurePath::may_pass(const std::exception& thrown) const {
  const auto* const error = dynamic_cast<const Error*>(&thrown);
  return (error != nullptr && error->retryable()) || (also_ && also_(thrown));
}

FailurePath::Next FailurePath::after(const Completion::Failure& failure, const Task& task, Clock::time_point now,
                                     double random) const noexcept {
  switch (failure.cause) {
    case Completion::Cause::kChannel:
      return {Step::kHold, now + hold_.wait_after(task.holds + 1, random)};
    case Completion::Cause::kClient:
      return {Step::kStop};
    case Completion::Cause::kRecord:
      break;
  }
  if (!failure.retryable) return {Step::kDeadLetter};
  const auto first_failure = task.first_failure == Clock::time_point{} ? now : task.first_failure;
  if (const auto due = retry_.next_attempt(task.attempt, first_failure, now, random)) return {Step::kRetry, *due};
  return {Step::kDeadLetter};
}

FailurePath::Next FailurePath::after_dead_letter(std::error_code code, const Task::PendingDeadLetter& dead_letter,
                                                 Clock::time_point now, double random) const noexcept {
  const bool too_large = code == errc::message_too_large && dead_letter.small;
  if (too_large || cause_of(code) == Completion::Cause::kClient) return {Step::kStop};
  return {Step::kHold, now + hold_.wait_after(dead_letter.attempts + 1, random)};
}

}  // namespace conveyor::worker
