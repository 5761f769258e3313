#ifndef CONVEYOR_SRC_TRANSACTIONS_TASK_H_
#define CONVEYOR_SRC_TRANSACTIONS_TASK_H_

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "consume/partition.h"
#include "dead_letters/dead_letter.h"

namespace conveyor::worker {

/// Which records wait for one another: those of one ordering key are handled one at a time, in order.
struct OrderingKey {
  const Partition* partition = nullptr;
  std::string key = {};      // Order::kKey
  std::uint64_t record = 0;  // Order::kUnordered: an ordering key for each
  auto operator<=>(const OrderingKey&) const = default;
};

/// Hands out records of an ordering key one at a time.
class OrderKeeper {
 public:
  virtual ~OrderKeeper() = default;
  /// A record of the ordering key is in nobody's hands any more: the next one may be handed out.
  virtual void done(const OrderingKey& key) = 0;
};

/// While a record holds its order, no other record of its ordering key is handed out. Move only.
///
/// What ends without release(), as where an exception passes, keeps its ordering key waiting for ever: nobody has
/// decided what becomes of its record, which those behind it must not overtake.
class OrderHold {
 public:
  OrderHold() = default;
  explicit OrderHold(OrderKeeper& keeper) noexcept : keeper_(&keeper) {}
  OrderHold(OrderHold&& other) noexcept : keeper_(std::exchange(other.keeper_, nullptr)) {}
  OrderHold& operator=(OrderHold&& other) noexcept {
    keeper_ = std::exchange(other.keeper_, nullptr);
    return *this;
  }
  OrderHold(const OrderHold&) = delete;
  OrderHold& operator=(const OrderHold&) = delete;
  ~OrderHold() = default;

  [[nodiscard]] bool held() const noexcept { return keeper_ != nullptr; }
  /// Of this ordering key; once.
  void release(const OrderingKey& key) {
    if (auto* const keeper = std::exchange(keeper_, nullptr)) keeper->done(key);
  }
  /// The keeper has taken the record back, which its ordering key waits for.
  void returned() noexcept { keeper_ = nullptr; }

 private:
  OrderKeeper* keeper_ = nullptr;
};

/// A record to be handled, and what became of it so far.
struct Task {
  using Clock = std::chrono::steady_clock;

  Incoming incoming;
  OrderingKey ordering_key = {};
  OrderHold order = {};  ///< from when it is handed out until others of its ordering key may be
  int attempt = 1;
  int holds = 0;  ///< how often it waited for the channel of an output; these are no attempts
  Clock::time_point first_failure = {};
  Clock::time_point due = {};  ///< not to be handled again before

  /// Set once the record goes to the dead letters: it is not handled again, only its dead letter is.
  struct PendingDeadLetter {
    DeadLetterStage stage = DeadLetterStage::kHandler;
    std::string error = {};
    int attempts = 0;    // at writing it
    bool small = false;  // the first was too large
  };
  std::optional<PendingDeadLetter> dead_letter = {};

  /// The next record of its ordering key may be handed out, whatever becomes of this one.
  void release_order() { order.release(ordering_key); }

  /// May be handled together with others: what failed before is tried again alone.
  [[nodiscard]] bool may_join() const noexcept {
    return attempt == 1 && holds == 0 && !dead_letter && incoming.deaths == 0;
  }
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TASK_H_
