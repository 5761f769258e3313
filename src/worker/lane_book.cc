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
  if (was_empty && lane.held == 0) make_ready(id);
}

bool LaneBook::hands_out(Found lane) const noexcept {
  return lane != lanes_.end() && lane->second.held == 0 && !lane->second.due && !lane->second.waiting.empty();
}

Task LaneBook::take_first(Lane& lane) {
  Task task = std::move(lane.waiting.front());
  lane.waiting.pop_front();
  ++lane.held;
  return task;
}

std::optional<Task> LaneBook::take(Clock::time_point now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const LaneId id = due_.begin()->second;
    due_.erase(due_.begin());
    lanes_.at(id).due.reset();
    make_ready(id);
  }
  while (!ready_.empty()) {
    const Found found = lanes_.find(ready_.front());
    ready_.pop_front();
    if (hands_out(found)) return take_first(found->second);
  }
  return {};
}

void LaneBook::take_those_that_join(Lane& lane, std::vector<Task>& batch, std::size_t most) {
  while (batch.size() < most && !lane.waiting.empty() && lane.waiting.front().may_join()) {
    batch.push_back(take_first(lane));
  }
}

void LaneBook::take_more(std::vector<Task>& batch, std::size_t most) {
  const std::size_t had = batch.size();
  for (std::size_t i = 0; i < had && batch.size() < most; ++i) {
    if (i > 0 && batch[i].lane == batch[i - 1].lane) continue;
    take_those_that_join(lanes_.at(batch[i].lane), batch, most);
  }
  const std::string_view topic = batch.front().incoming.partition->where.topic;
  for (auto id = ready_.begin(); id != ready_.end() && batch.size() < most;) {
    const Found found = lanes_.find(*id);
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

void LaneBook::give_back(Found lane) {
  auto& [id, state] = *lane;
  if (state.held > 0 && --state.held > 0) return;
  if (state.waiting.empty()) {
    lanes_.erase(lane);
  } else if (const auto due = state.waiting.front().due; due != Clock::time_point{}) {
    state.due = due;
    due_.emplace(due, id);
  } else {
    make_ready(id);
  }
}

void LaneBook::done(const LaneId& id) {
  const Found found = lanes_.find(id);
  if (found != lanes_.end()) give_back(found);
}

bool LaneBook::again(Task& task, Clock::time_point due) {
  if (task.incoming.partition->leaving()) return false;
  const Found lane = lanes_.try_emplace(task.lane).first;
  auto& waiting = lane->second.waiting;
  const std::int64_t offset = task.incoming.offset;
  task.due = due;
  waiting.insert(std::ranges::find_if(waiting, [&](const Task& each) { return each.incoming.offset > offset; }),
                 std::move(task));
  give_back(lane);
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
    // A lane whose records are in somebody's hands ends with done().
    lane = lane->second.held > 0 ? std::next(lane) : lanes_.erase(lane);
  }
  return dropped;
}

std::optional<LaneBook::Clock::time_point> LaneBook::next_due() const {
  if (due_.empty()) return {};
  return due_.begin()->first;
}

}  // namespace conveyor::worker
