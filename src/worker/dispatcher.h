#ifndef CONVEYOR_SRC_WORKER_DISPATCHER_H_
#define CONVEYOR_SRC_WORKER_DISPATCHER_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/thread_annotations.h"
#include "worker/dispatch_queue.h"

namespace conveyor::worker {

/// A DispatchQueue that handler threads wait at.
///
/// Thread safety: all functions may be called from any thread.
class Dispatcher final : public OrderKeeper {
 public:
  explicit Dispatcher(Order order) : queue_(order) {}

  /// As DispatchQueue::add for each.
  void push(std::span<Incoming> incoming);

  /// Waits for a record whose ordering key is free; nothing once closed. It holds the ordering key's order until
  /// Task::release_order() or again().
  [[nodiscard]] std::optional<Task> pop();
  /// The same without waiting.
  [[nodiscard]] std::optional<Task> try_pop(DispatchQueue::Clock::time_point now);
  [[nodiscard]] std::optional<DispatchQueue::Clock::time_point> next_due();
  /// The first and up to `most` - 1 others as DispatchQueue::take_more, waiting for them no longer than `max_delay`,
  /// nor once closed or when a partition of theirs leaves.
  [[nodiscard]] std::vector<Task> collect(Task first, std::size_t most, std::chrono::milliseconds max_delay);
  void done(const OrderingKey& key) override;
  /// The record is to be taken again, not before `due`; if it holds its order, its ordering key waits for it. Else it
  /// gets an ordering key of its own: the others went on without it.
  /// @return false when its partition is being given back: it is not kept
  bool again(Task& task, DispatchQueue::Clock::time_point due);

  /// Throws away what waits in the partition's ordering keys.
  DispatchQueue::Dropped drop(const Partition& partition);

  /// Hands out nothing more.
  void close();

 private:
  void wake(bool all);

  [[nodiscard]] bool is_complete(std::vector<Task>& batch, std::size_t most) CONVEYOR_REQUIRES(mutex_);

  Mutex mutex_;
  std::condition_variable changed_;
  DispatchQueue queue_ CONVEYOR_GUARDED_BY(mutex_);
  int collecting_ CONVEYOR_GUARDED_BY(mutex_) =
      0;  // threads in collect(): what one of them is woken for, it may not take
  bool closed_ CONVEYOR_GUARDED_BY(mutex_) = false;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_DISPATCHER_H_
