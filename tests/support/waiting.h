#ifndef CONVEYOR_TESTS_SUPPORT_WAITING_H_
#define CONVEYOR_TESTS_SUPPORT_WAITING_H_

#include <chrono>
#include <thread>
#include <utility>

namespace conveyor::tests {

using Clock = std::chrono::steady_clock;

/// Waits until the condition holds. @return whether it did within the time
template <class Condition>
[[nodiscard]] bool eventually(Condition&& holds, std::chrono::milliseconds within = std::chrono::seconds(20)) {
  const auto deadline = Clock::now() + within;
  while (!holds()) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// How long something took.
template <class Work>
[[nodiscard]] std::chrono::milliseconds time_of(Work&& work) {
  const auto start = Clock::now();
  std::forward<Work>(work)();
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_WAITING_H_
