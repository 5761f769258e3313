#include "core/retry_policy.h"

#include <algorithm>
#include <cstdint>

namespace conveyor::worker {

using std::chrono::milliseconds;

milliseconds RetryPolicy::wait_after(int attempt, double random) const noexcept {
  std::int64_t wait = std::max<std::int64_t>(options_.initial_backoff.count(), 0);
  const std::int64_t longest = std::max<std::int64_t>(options_.max_backoff.count(), 0);
  for (int i = 1; i < attempt && wait < longest; ++i) wait = wait > longest / 2 ? longest : wait * 2;
  wait = std::min(wait, longest);
  return milliseconds(wait / 2 + static_cast<std::int64_t>(static_cast<double>(wait - wait / 2) * random));
}

std::optional<RetryPolicy::Clock::time_point> RetryPolicy::next_attempt(int attempt, Clock::time_point first_failure,
                                                                        Clock::time_point now,
                                                                        double random) const noexcept {
  if (attempt >= options_.attempts) return {};
  const auto at = now + wait_after(attempt, random);
  if (at - first_failure > options_.retry_timeout) return {};
  return at;
}

}  // namespace conveyor::worker
