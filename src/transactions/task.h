#ifndef CONVEYOR_SRC_TRANSACTIONS_TASK_H_
#define CONVEYOR_SRC_TRANSACTIONS_TASK_H_

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "consume/partition.h"
#include "dead_letters/dead_letter.h"

namespace conveyor::worker {

/// Which records wait for one another: those of one lane are handled one at a time, in order.
struct LaneId {
  const Partition* partition = nullptr;
  std::string key = {};      // Order::kKey
  std::uint64_t record = 0;  // Order::kUnordered: a lane for each
  auto operator<=>(const LaneId&) const = default;
};

/// A record to be handled, and what became of it so far.
struct Task {
  using Clock = std::chrono::steady_clock;

  Incoming incoming;
  LaneId lane = {};
  int attempt = 1;
  int holds = 0;  ///< how often it waited for the channel of an output; these are no attempts
  Clock::time_point first_failure = {};
  Clock::time_point due = {};  ///< not to be handled again before

  /// Set once the record goes to the dead letters: it is not handled again, only its dead letter is.
  struct Burial {
    Stage stage = Stage::kHandler;
    std::string error = {};
    int attempts = 0;    // at writing it
    bool small = false;  // the first was too large
  };
  std::optional<Burial> burial = {};

  /// May be handled together with others: what failed before is tried again alone.
  [[nodiscard]] bool may_join() const noexcept { return attempt == 1 && holds == 0 && !burial && incoming.deaths == 0; }
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TASK_H_
