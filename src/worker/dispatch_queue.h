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
/// Decisions without threads or clock: ordering keys take turns, an ordering key whose records are in somebody's hands
/// or whose first one waits for another attempt hands out nothing else.
class DispatchQueue {
 public:
  using Clock = Task::Clock;

  explicit DispatchQueue(Order order) : order_(order) {}

  /// @param key the record's, if it has one; it may point into the record
  void add(Incoming incoming, std::optional<std::string_view> key = {});

  /// The next record whose ordering key is free; the ordering key is busy until done() or again().
  [[nodiscard]] std::optional<Task> take(Clock::time_point now);
  /// Appends records of the topic of those in `batch` until there are `most`: the next ones of their ordering keys, in
  /// order, then those of free ordering keys. Their ordering keys are busy until done() or again() was called for each
  /// of them.
  void take_more(std::vector<Task>& batch, std::size_t most);
  void done(const OrderingKey& key);
  /// The record is to be taken again, not before `due`; its ordering key waits for it. Of several, the first in the log
  /// is the first.
  /// @return false when its partition is being given back: it is not kept
  bool again(Task& task, Clock::time_point due);
  /// The same for a record whose ordering key went on without it: it gets an ordering key of its own.
  bool again_alone(Task& task, Clock::time_point due);

  struct Dropped {
    std::size_t records = 0;
    std::optional<std::int64_t> first = {};  ///< the lowest offset among them
  };
  /// Throws away what waits in the partition's ordering keys, other attempts included.
  Dropped drop(const Partition& partition);

  /// There may be something more to take, now or later: a thread that has taken a record tells another one.
  [[nodiscard]] bool has_more() const noexcept { return !ready_.empty() || !due_.empty(); }
  /// When a record becomes due that waits for another attempt.
  [[nodiscard]] std::optional<Clock::time_point> next_due() const;

 private:
  struct KeyQueue {
    std::deque<Task> waiting;
    std::size_t held = 0;                       // records of it that are handed out
    std::optional<Clock::time_point> due = {};  // its first record waits until then
  };

  [[nodiscard]] OrderingKey ordering_key_of(const Incoming& incoming, std::optional<std::string_view> key);
  using Found = std::map<OrderingKey, KeyQueue>::iterator;
  [[nodiscard]] bool hands_out(Found queue) const noexcept;
  static Task take_first(KeyQueue& queue);
  static void take_those_that_join(KeyQueue& queue, std::vector<Task>& batch, std::size_t most);
  /// One of the ordering key's records is in nobody's hands any more.
  void give_back(Found queue);
  void make_ready(const OrderingKey& id) { ready_.push_back(id); }

  const Order order_;
  std::uint64_t records_ = 0;
  std::map<OrderingKey, KeyQueue> queues_;
  std::deque<OrderingKey> ready_;                            // may name ordering keys that are gone
  std::set<std::pair<Clock::time_point, OrderingKey>> due_;  // of ordering keys that wait
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_DISPATCH_QUEUE_H_
