#ifndef CONVEYOR_SRC_WORKER_LANES_H_
#define CONVEYOR_SRC_WORKER_LANES_H_

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>

#include "worker/lane_book.h"

namespace conveyor::worker {

/// A LaneBook that handler threads wait at.
///
/// Thread safety: all functions may be called from any thread.
class Lanes {
 public:
  explicit Lanes(Order order) : book_(order) {}

  /// As LaneBook::add.
  void push(Incoming incoming, std::optional<std::string_view> key);

  /// Waits for a record whose lane is free; nothing once closed. The lane is busy until done() or again().
  [[nodiscard]] std::optional<Task> pop();
  void done(const LaneId& lane);
  /// As LaneBook's.
  bool again(Task& task, LaneBook::Clock::time_point due);
  bool again_alone(Task& task, LaneBook::Clock::time_point due);

  /// Throws away what waits in the partition's lanes.
  LaneBook::Dropped drop(const Partition& partition);

  /// Hands out nothing more.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  LaneBook book_;
  bool closed_ = false;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_LANES_H_
