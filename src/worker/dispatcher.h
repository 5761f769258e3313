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

/// A DispatchQueue that handler threads wait for.
///
/// Thread safety: all functions may be called from any thread.
class Dispatcher final : public OrderKeeper {
 public:
  explicit Dispatcher(Order order) : queue_(order) {}

  /// Calls DispatchQueue::add for each record.
  void push(std::span<Incoming> incoming);

  /// Waits for a record whose ordering key is free. Returns nothing once closed. The task holds its ordering key until
  /// Task::release_order() or again().
  [[nodiscard]] std::optional<Task> pop();
  /// The same without waiting.
  [[nodiscard]] std::optional<Task> try_pop(DispatchQueue::Clock::time_point now);
  [[nodiscard]] std::optional<DispatchQueue::Clock::time_point> next_due();
  /// Returns `first` and up to `most` - 1 others, chosen by DispatchQueue::take_more. Waits for them at most
  /// `max_delay`; stops waiting when the dispatcher is closed, or when a partition of the batch is being revoked.
  [[nodiscard]] std::vector<Task> collect(Task first, std::size_t most, std::chrono::milliseconds max_delay);
  void done(const OrderingKey& key) override;
  /// Keeps the record for another attempt, not before `due`. If the task still holds its ordering key, that key waits
  /// for it. Otherwise the ordering key went on without it, and the record gets one of its own.
  /// @return false when the record's partition is being revoked; then the record is not kept
  bool again(Task& task, DispatchQueue::Clock::time_point due);

  /// Drops all waiting records of the partition.
  DispatchQueue::Dropped drop(const Partition& partition);

  /// Hands out nothing more.
  void close();

 private:
  void wake(bool all);

  [[nodiscard]] bool is_complete(std::vector<Task>& batch, std::size_t most) CONVEYOR_REQUIRES(mutex_);

  Mutex mutex_;
  std::condition_variable changed_;
  DispatchQueue queue_ CONVEYOR_GUARDED_BY(mutex_);
  // How many threads are in collect(). Such a thread may not be allowed to take the record that it is woken for, so all
  // threads must be woken then.
  int collecting_ CONVEYOR_GUARDED_BY(mutex_) = 0;
  bool closed_ CONVEYOR_GUARDED_BY(mutex_) = false;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_DISPATCHER_H_
