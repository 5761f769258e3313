#include "worker/lane_book.h"

#include <algorithm>

namespace conveyor::worker {

LaneId LaneBook::lane_of(const Incoming& incoming, std::optional<std::string_view> key) {
  LaneId id{.partition = incoming.partition.get()};
  switch (order_) {
    case Order::kPartition:
      break;
    case Order::kKey:
      if (key) {
        id.key = *key;
        break;
      }
      [[fallthrough]];  // records without a key need not wait for one another
    case Order::kUnordered:
      id.record = ++records_;
      break;
  }
  return id;
}

void LaneBook::add(Incoming incoming, std::optional<std::string_view> key) {
  LaneId id = lane_of(incoming, key);
  Lane& lane = lanes_[id];
  const bool was_empty = lane.waiting.empty();
  lane.waiting.push_back({.incoming = std::move(incoming), .lane = id});
  if (was_empty && !lane.busy) make_ready(id);
}

std::optional<Task> LaneBook::take(Clock::time_point now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const LaneId id = due_.begin()->second;
    due_.erase(due_.begin());
    lanes_.at(id).due.reset();
    make_ready(id);
  }
  while (!ready_.empty()) {
    const LaneId id = std::move(ready_.front());
    ready_.pop_front();
    const auto found = lanes_.find(id);
    if (found == lanes_.end() || found->second.busy || found->second.due || found->second.waiting.empty()) continue;
    found->second.busy = true;
    Task task = std::move(found->second.waiting.front());
    found->second.waiting.pop_front();
    return task;
  }
  return {};
}

void LaneBook::done(const LaneId& id) {
  const auto found = lanes_.find(id);
  if (found == lanes_.end()) return;
  found->second.busy = false;
  if (found->second.waiting.empty()) {
    lanes_.erase(found);
  } else {
    make_ready(id);
  }
}

bool LaneBook::again(Task& task, Clock::time_point due) {
  if (task.incoming.partition->leaving) return false;
  const LaneId id = task.lane;
  Lane& lane = lanes_[id];
  lane.busy = false;
  lane.waiting.push_front(std::move(task));
  lane.due = due;
  due_.emplace(due, id);
  return true;
}

bool LaneBook::again_alone(Task& task, Clock::time_point due) {
  task.lane = {.partition = task.lane.partition, .record = ++records_};
  return again(task, due);
}

LaneBook::Dropped LaneBook::drop(const Partition& partition) {
  Dropped dropped;
  for (auto lane = lanes_.lower_bound(LaneId{.partition = &partition});
       lane != lanes_.end() && lane->first.partition == &partition;) {
    dropped.records += lane->second.waiting.size();
    for (const Task& task : lane->second.waiting) {
      dropped.first = std::min(dropped.first.value_or(task.incoming.offset), task.incoming.offset);
    }
    if (lane->second.due) due_.erase({*lane->second.due, lane->first});
    lane->second.waiting.clear();
    lane->second.due.reset();
    // A lane whose record is in somebody's hands ends with done().
    lane = lane->second.busy ? std::next(lane) : lanes_.erase(lane);
  }
  return dropped;
}

std::optional<LaneBook::Clock::time_point> LaneBook::next_due() const {
  if (due_.empty()) return {};
  return due_.begin()->first;
}

}  // namespace conveyor::worker
