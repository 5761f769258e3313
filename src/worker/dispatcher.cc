#include "worker/dispatcher.h"

#include <algorithm>
#include <utility>

namespace conveyor::worker {
namespace {

constexpr std::chrono::milliseconds kLongestDelay = std::chrono::hours(24);  // a longer delay could overflow the clock

}  // namespace

void Dispatcher::wake(bool all) {
  if (all) {
    changed_.notify_all();
  } else {
    changed_.notify_one();
  }
}

void Dispatcher::push(std::span<Incoming> incoming) {
  bool all = false;
  {
    const MutexLock lock{mutex_};
    for (Incoming& one : incoming) {
      const auto key = one.record ? one.record.key() : std::nullopt;
      queue_.add(std::move(one), key);
    }
    all = collecting_ > 0 || incoming.size() > 1;
  }
  wake(all);
}

std::optional<Task> Dispatcher::pop() {
  MutexLock lock{mutex_};
  while (!closed_) {
    if (auto task = queue_.take(DispatchQueue::Clock::now())) {
      // Another thread takes what became due at the same time, or waits for the next due record in place of this one.
      if (queue_.has_more()) wake(collecting_ > 0);
      task->order = OrderHold(*this);
      return task;
    }
    if (const auto due = queue_.next_due()) {
      changed_.wait_until(lock.native(), *due);
    } else {
      changed_.wait(lock.native());
    }
  }
  return {};
}

std::optional<Task> Dispatcher::try_pop(DispatchQueue::Clock::time_point now) {
  const MutexLock lock{mutex_};
  if (closed_) return {};
  auto task = queue_.take(now);
  if (task) task->order = OrderHold(*this);
  return task;
}

std::optional<DispatchQueue::Clock::time_point> Dispatcher::next_due() {
  const MutexLock lock{mutex_};
  return queue_.next_due();
}

std::vector<Task> Dispatcher::collect(Task first, std::size_t most, std::chrono::milliseconds max_delay) {
  std::vector<Task> batch;
  const bool alone = most <= 1 || !first.may_join();
  batch.push_back(std::move(first));
  if (alone) return batch;
  const auto until = DispatchQueue::Clock::now() + std::min(max_delay, kLongestDelay);
  MutexLock lock{mutex_};
  ++collecting_;
  while (!is_complete(batch, most) && changed_.wait_until(lock.native(), until) != std::cv_status::timeout) {
  }
  --collecting_;
  for (Task& task : batch) {
    if (!task.order.held()) task.order = OrderHold(*this);
  }
  return batch;
}

bool Dispatcher::is_complete(std::vector<Task>& batch, std::size_t most) {
  if (closed_) return true;
  queue_.take_more(batch, most);
  return batch.size() >= most ||
         std::ranges::any_of(batch, [](const Task& task) { return task.incoming.partition->leaving(); });
}

void Dispatcher::done(const OrderingKey& key) {
  bool all = false;
  {
    const MutexLock lock{mutex_};
    queue_.done(key);
    all = collecting_ > 0;
  }
  // Wake a thread: a handler thread would take the next record itself, but an acknowledgement comes on another thread.
  wake(all);
}

bool Dispatcher::again(Task& task, DispatchQueue::Clock::time_point due) {
  const MutexLock lock{mutex_};
  OrderHold order = std::move(task.order);
  const bool kept = order.held() ? queue_.again(task, due) : queue_.again_alone(task, due);
  if (kept) {
    order.returned();
  } else {
    task.order = std::move(order);
  }
  wake(collecting_ > 0);  // some thread must wait no longer than until `due`
  return kept;
}

DispatchQueue::Dropped Dispatcher::drop(const Partition& partition) {
  const MutexLock lock{mutex_};
  if (collecting_ > 0) changed_.notify_all();  // they need not wait for more records of it
  return queue_.drop(partition);
}

void Dispatcher::close() {
  {
    const MutexLock lock{mutex_};
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace conveyor::worker
