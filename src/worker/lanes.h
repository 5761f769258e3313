#ifndef CONVEYOR_SRC_WORKER_LANES_H_
#define CONVEYOR_SRC_WORKER_LANES_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "worker/partition.h"

namespace conveyor::worker {

/// Records waiting for handler threads, in a lane for each partition: those of one lane are handed out in order, one at
/// a time; lanes take turns.
///
/// Thread safety: all functions may be called from any thread.
class Lanes {
 public:
  void push(Incoming incoming);

  /// Waits for a record whose lane is free; nothing once closed. The lane is busy until release().
  [[nodiscard]] std::optional<Incoming> pop();
  void release(const Partition& partition);

  /// Throws away what waits in the lane. @return how many
  std::size_t drop(const Partition& partition);

  /// Hands out nothing more.
  void close();

 private:
  struct Lane {
    std::deque<Incoming> waiting;
    bool busy = false;  // handed out, or in ready_
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<const Partition*, Lane> lanes_;
  std::deque<const Partition*> ready_;  // not handed out, something waits
  bool closed_ = false;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_LANES_H_
