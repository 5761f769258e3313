#ifndef CONVEYOR_SRC_WORKER_DISPATCH_QUEUE_H_
#define CONVEYOR_SRC_WORKER_DISPATCH_QUEUE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "consume/partition.h"
#include "conveyor/retry.h"
#include "transactions/task.h"

namespace conveyor::worker {

/// Records waiting for handler threads.
///
/// Decides without threads or a clock. Ordering keys take turns. An ordering key hands out nothing while one of its
/// records is handed out, or while its first record waits for another attempt.
class DispatchQueue {
 public:
  using Clock = Task::Clock;

  explicit DispatchQueue(Order order) : order_(order) {}

  /// @param key the record's key, if it has one; it may point into the record
  void add(Incoming incoming, std::optional<std::string_view> key = {});

  /// Takes the next record whose ordering key is free. The ordering key is then busy until done() or again().
  [[nodiscard]] std::optional<Task> take(Clock::time_point now);
  /// Fills `batch` up to `most` records of the topic that it has already. The next records of the batch's own ordering
  /// keys come first, in order; then come records of free ordering keys. All these ordering keys are busy until done()
  /// or again() was called for each record.
  void take_more(std::vector<Task>& batch, std::size_t most);
  void done(const OrderingKey& key);
  /// Keeps the record for another attempt, not before `due`. Its ordering key waits for it. Several such records of an
  /// ordering key come in the order of the log.
  /// @return false when the record's partition is being revoked; then the record is not kept
  bool again(Task& task, Clock::time_point due);
  /// The same for a record whose ordering key went on without it. The record gets an ordering key of its own.
  bool again_alone(Task& task, Clock::time_point due);

  struct Dropped {
    std::size_t records = 0;
    std::optional<std::int64_t> first = {};  ///< the lowest offset among them
  };
  /// Drops all waiting records of the partition, also those that wait for another attempt.
  Dropped drop(const Partition& partition);

  /// Whether there may be more to take, now or later. If so, a thread that has taken a record wakes another one.
  [[nodiscard]] bool has_more() const noexcept { return !ready_.empty() || !due_.empty(); }
  /// When the next record is due for another attempt.
  [[nodiscard]] std::optional<Clock::time_point> next_due() const;

 private:
  struct KeyQueue {
    std::deque<Task> waiting;
    std::size_t held = 0;                       // how many of its records are handed out
    std::optional<Clock::time_point> due = {};  // its first record waits until this time
  };

  [[nodiscard]] OrderingKey ordering_key_of(const Incoming& incoming, std::optional<std::string_view> key);
  using Found = std::map<OrderingKey, KeyQueue>::iterator;
  [[nodiscard]] bool hands_out(Found queue) const noexcept;
  static Task take_first(KeyQueue& queue);
  static void take_those_that_join(KeyQueue& queue, std::vector<Task>& batch, std::size_t most);
  /// One of the ordering key's records is no longer handed out.
  void give_back(Found queue);
  void make_ready(const OrderingKey& id) { ready_.push_back(id); }

  const Order order_;
  std::uint64_t records_ = 0;
  std::map<OrderingKey, KeyQueue> queues_;
  std::deque<OrderingKey> ready_;                            // may name ordering keys that were erased
  std::set<std::pair<Clock::time_point, OrderingKey>> due_;  // the ordering keys that wait
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_DISPATCH_QUEUE_H_
