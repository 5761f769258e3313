#ifndef CONVEYOR_SRC_TRANSACTIONS_TASK_H_
#define CONVEYOR_SRC_TRANSACTIONS_TASK_H_

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "consume/partition.h"
#include "dead_letters/dead_letter_writer.h"

namespace conveyor::worker {

/// The ordering key of a record: records with the same key are handled one at a time, in order.
struct OrderingKey {
  const Partition* partition = nullptr;
  std::string key = {};      // Order::kKey
  std::uint64_t record = 0;  // Order::kUnordered: each record has a key of its own
  auto operator<=>(const OrderingKey&) const = default;
};

/// Hands out the records of each ordering key one at a time.
class OrderKeeper {
 public:
  virtual ~OrderKeeper() = default;
  /// No record of the key is being handled any more: the next one may be handed out.
  virtual void done(const OrderingKey& key) = 0;
};

/// While a record holds its order, no other record of its ordering key is handed out. Move only.
///
/// Without release(), for example when an exception passes, the key's other records wait for ever. That is intended:
/// nobody has decided what becomes of the record, and later ones must not overtake it.
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
  /// Releases the order of this key; at most once.
  void release(const OrderingKey& key) {
    if (auto* const keeper = std::exchange(keeper_, nullptr)) keeper->done(key);
  }
  /// The keeper has taken the record back, and its ordering key waits for it.
  void returned() noexcept { keeper_ = nullptr; }

 private:
  OrderKeeper* keeper_ = nullptr;
};

/// A record to be handled, and its state so far.
struct Task {
  using Clock = std::chrono::steady_clock;

  Incoming incoming;
  OrderingKey ordering_key = {};
  OrderHold order = {};  ///< from when the record is handed out until others of its ordering key may be
  int attempt = 1;
  int holds = 0;  ///< how often it waited for the channel of an output; these are not attempts
  Clock::time_point first_failure = {};
  Clock::time_point due = {};  ///< do not handle it again before this time

  /// Set once the record goes to the dead letters: only its dead letter is retried, not the record.
  struct PendingDeadLetter {
    DeadLetterStage stage = DeadLetterStage::kHandler;
    std::string error = {};
    int attempts = 0;    // to write the dead letter
    bool small = false;  // the first dead letter was too large
  };
  std::optional<PendingDeadLetter> dead_letter = {};

  /// The next record of the ordering key may be handed out, whatever becomes of this one.
  void release_order() { order.release(ordering_key); }

  /// Whether the record may be handled in a batch: a record that failed before is retried alone.
  [[nodiscard]] bool may_join() const noexcept {
    return attempt == 1 && holds == 0 && !dead_letter && incoming.deaths == 0;
  }
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TASK_H_
