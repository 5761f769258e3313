#include "worker/dispatch_queue.h"

#include <algorithm>

namespace conveyor::worker {

OrderingKey DispatchQueue::ordering_key_of(const Incoming& incoming, std::optional<std::string_view> key) {
  OrderingKey id{.partition = incoming.partition.get()};
  switch (order_) {
    case Order::kPartition:
      break;
    case Order::kKey:
      if (key) {
        id.key = *key;
        break;
      }
      [[fallthrough]];  // records without a key have no order to keep
    case Order::kUnordered:
      id.record = ++records_;
      break;
  }
  return id;
}

void DispatchQueue::add(Incoming incoming, std::optional<std::string_view> key) {
  OrderingKey id = ordering_key_of(incoming, key);
  KeyQueue& queue = queues_[id];
  const bool was_empty = queue.waiting.empty();
  queue.waiting.push_back({.incoming = std::move(incoming), .ordering_key = id});
  if (was_empty && queue.held == 0) make_ready(id);
}

bool DispatchQueue::hands_out(Found queue) const noexcept {
  return queue != queues_.end() && queue->second.held == 0 && !queue->second.due && !queue->second.waiting.empty();
}

Task DispatchQueue::take_first(KeyQueue& queue) {
  Task task = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  ++queue.held;
  return task;
}

std::optional<Task> DispatchQueue::take(Clock::time_point now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const OrderingKey id = due_.begin()->second;
    due_.erase(due_.begin());
    queues_.at(id).due.reset();
    make_ready(id);
  }
  while (!ready_.empty()) {
    const Found found = queues_.find(ready_.front());
    ready_.pop_front();
    if (hands_out(found)) return take_first(found->second);
  }
  return {};
}

void DispatchQueue::take_those_that_join(KeyQueue& queue, std::vector<Task>& batch, std::size_t most) {
  while (batch.size() < most && !queue.waiting.empty() && queue.waiting.front().may_join()) {
    batch.push_back(take_first(queue));
  }
}

void DispatchQueue::take_more(std::vector<Task>& batch, std::size_t most) {
  const std::size_t had = batch.size();
  for (std::size_t i = 0; i < had && batch.size() < most; ++i) {
    if (i > 0 && batch[i].ordering_key == batch[i - 1].ordering_key) continue;
    take_those_that_join(queues_.at(batch[i].ordering_key), batch, most);
  }
  const std::string_view topic = batch.front().incoming.partition->where.topic;
  for (auto id = ready_.begin(); id != ready_.end() && batch.size() < most;) {
    const Found found = queues_.find(*id);
    if (!hands_out(found)) {
      id = ready_.erase(id);
      continue;
    }
    const Task& first = found->second.waiting.front();
    if (first.incoming.partition->where.topic != topic || !first.may_join()) {
      ++id;
      continue;
    }
    id = ready_.erase(id);
    take_those_that_join(found->second, batch, most);
  }
}

void DispatchQueue::give_back(Found queue) {
  auto& [id, state] = *queue;
  if (state.held > 0 && --state.held > 0) return;
  if (state.waiting.empty()) {
    queues_.erase(queue);
  } else if (const auto due = state.waiting.front().due; due != Clock::time_point{}) {
    state.due = due;
    due_.emplace(due, id);
  } else {
    make_ready(id);
  }
}

void DispatchQueue::done(const OrderingKey& id) {
  const Found found = queues_.find(id);
  if (found != queues_.end()) give_back(found);
}

bool DispatchQueue::again(Task& task, Clock::time_point due) {
  if (task.incoming.partition->leaving()) return false;
  const Found queue = queues_.try_emplace(task.ordering_key).first;
  auto& waiting = queue->second.waiting;
  const std::int64_t offset = task.incoming.offset;
  task.due = due;
  waiting.insert(std::ranges::find_if(waiting, [&](const Task& each) { return each.incoming.offset > offset; }),
                 std::move(task));
  give_back(queue);
  return true;
}

bool DispatchQueue::again_alone(Task& task, Clock::time_point due) {
  task.ordering_key = {.partition = task.ordering_key.partition, .record = ++records_};
  return again(task, due);
}

DispatchQueue::Dropped DispatchQueue::drop(const Partition& partition) {
  Dropped dropped;
  for (auto queue = queues_.lower_bound(OrderingKey{.partition = &partition});
       queue != queues_.end() && queue->first.partition == &partition;) {
    dropped.records += queue->second.waiting.size();
    for (const Task& task : queue->second.waiting) {
      dropped.first = std::min(dropped.first.value_or(task.incoming.offset), task.incoming.offset);
    }
    if (queue->second.due) due_.erase({*queue->second.due, queue->first});
    queue->second.waiting.clear();
    queue->second.due.reset();
    // While records of an ordering key are handed out it must stay: done() erases it.
    queue = queue->second.held > 0 ? std::next(queue) : queues_.erase(queue);
  }
  return dropped;
}

std::optional<DispatchQueue::Clock::time_point> DispatchQueue::next_due() const {
  if (due_.empty()) return {};
  return due_.begin()->first;
}

}  // namespace conveyor::worker
