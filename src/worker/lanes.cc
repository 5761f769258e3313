#include "worker/lanes.h"

#include <utility>

namespace conveyor::worker {

void Lanes::push(Incoming incoming, std::optional<std::string_view> key) {
  {
    const std::lock_guard lock{mutex_};
    book_.add(std::move(incoming), key);
  }
  changed_.notify_one();
}

std::optional<Task> Lanes::pop() {
  std::unique_lock lock{mutex_};
  while (!closed_) {
    if (auto task = book_.take(LaneBook::Clock::now())) return task;
    if (const auto due = book_.next_due()) {
      changed_.wait_until(lock, *due);
    } else {
      changed_.wait(lock);
    }
  }
  return {};
}

void Lanes::done(const LaneId& lane) {
  {
    const std::lock_guard lock{mutex_};
    book_.done(lane);
  }
  // Called by a handler thread it takes the next record itself, but an acknowledgement comes on another thread.
  changed_.notify_one();
}

bool Lanes::again(Task& task, LaneBook::Clock::time_point due) {
  const std::lock_guard lock{mutex_};
  const bool kept = book_.again(task, due);
  changed_.notify_one();  // somebody must wait no longer than until then
  return kept;
}

bool Lanes::again_alone(Task& task, LaneBook::Clock::time_point due) {
  const std::lock_guard lock{mutex_};
  const bool kept = book_.again_alone(task, due);
  changed_.notify_one();
  return kept;
}

LaneBook::Dropped Lanes::drop(const Partition& partition) {
  const std::lock_guard lock{mutex_};
  return book_.drop(partition);
}

void Lanes::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace conveyor::worker
