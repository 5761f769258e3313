#include "consume/rebalance.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "consume/member_events.h"

namespace conveyor::worker {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds kCommitWithin{5'000};
constexpr milliseconds kLastCommitWithin{1'000};
constexpr milliseconds kHurriedDrain{2'000};
constexpr milliseconds kRebalancePatience{1'000};

}  // namespace

void Rebalance::take_on(std::vector<kafka::Assigned> given) {
  grow(member_.counters.rebalances, 1);
  auto metadata = parts_.poison.metadata_of(given);
  const std::size_t held_before = member_.partitions.size();
  for (std::size_t i = 0; i < given.size(); ++i) {
    member_events::assigned(member_.reporter, given[i].where, given[i].start_offset.committed);
    add(std::move(given[i]), std::move(metadata[i]));
  }
  parts_.poison.limit_probing(std::span(member_.partitions).subspan(held_before));
  count_partitions();
}

void Rebalance::add(kafka::Assigned given, std::optional<CommitMetadata> metadata) {
  const kafka::StartOffset& start_offset = given.start_offset;
  OffsetTracker tracker(start_offset.start, metadata ? std::exchange(metadata->done, {}) : std::vector<OffsetRange>());
  auto partition =
      std::make_shared<Partition>(given.where, std::move(tracker), std::move(given.queue), member_.client.get());
  partition->topic_began_with = start_offset.topic_began_with;
  partition->keep_start = start_offset.keep;
  // A commit in flight may still include this partition from its previous assignment, and be accepted in the same
  // generation.
  partition->committing = member_.client->commit_in_flight();
  if (partition->keep_start) parts_.committer.soon();
  if (start_offset.committed) {
    partition->log.stored();
  } else {
    partition->began_at = start_offset.start;
  }
  if (member_.options.commit_metadata) parts_.poison.watch(*partition, metadata);
  member_.partitions.push_back(std::move(partition));
}

void Rebalance::begin_no_more_of(Partition& partition) {
  partition.become(Partition::State::kRevoking);
  partition.dropped += receiver_.drop(partition);
}

void Rebalance::let_go(Partition& partition, Partition::State state) {
  parts_.stalls.forget(partition.where);
  parts_.retention.last_look(partition, member_.clock.now());
  partition.become(state);
  partition.held = {};
  partition.queue.reset();
  parts_.poison.remove(partition);
}

void Rebalance::give_back(std::span<const kafka::TopicPartition> gone, bool lost, milliseconds within) {
  grow(member_.counters.rebalances, 1);
  std::vector<PartitionPtr> leaving;
  for (const auto& partition : member_.partitions) {
    if (std::ranges::find(gone, partition->where) != gone.end()) leaving.push_back(partition);
  }
  for (const auto& partition : leaving) begin_no_more_of(*partition);
  const RevokeBudget budget(member_.clock.now(), member_.client->max_poll_interval());
  if (!lost) wait_for_handlers(leaving, budget.handlers(member_.clock.now(), within));
  release(leaving, budget);
  if (!lost) {
    parts_.completions.apply(member_.counters);
    const auto deadline = budget.commit(member_.clock.now(), std::max(kCommitWithin, within));
    static_cast<void>(parts_.committer.commit_last(leaving, deadline, kRebalancePatience, hurry_));
  }
  for (const auto& partition : leaving) {
    partition->gone.request_stop();
    const std::size_t unfinished = partition->tracker.in_flight();
    shrink(member_.counters.in_flight, unfinished);
    let_go(*partition, lost ? Partition::State::kLost : Partition::State::kRevoked);
    (lost ? member_events::lost : member_events::revoked)(member_.reporter, partition->where, unfinished);
  }
  std::erase_if(member_.partitions, [](const auto& partition) { return !partition->is_ours(); });
  count_partitions();
}

Rebalance::Left Rebalance::give_all_back(milliseconds drain) {
  const auto deadline = member_.clock.now() + drain;
  for (const auto& partition : member_.partitions) {
    begin_no_more_of(*partition);
    partition->gone.request_stop();
  }
  wait_for_handlers(member_.partitions, deadline);
  receiver_.release(member_.partitions, 24h);
  parts_.completions.apply(member_.counters);
  // Use all the time that is left. While members come and go, it can take that long until the group tells this member
  // its place, and what is not committed is handled twice, one record at a time. Nobody waits for this member to
  // rejoin, because it leaves.
  const auto now = member_.clock.now();
  const auto commit_within = std::max(duration_cast<milliseconds>(deadline - now), kLastCommitWithin);
  Left left;
  left.all_committed = parts_.committer.commit_last(member_.partitions, now + commit_within, commit_within, hurry_);
  for (const auto& partition : member_.partitions) left.unfinished += partition->tracker.in_flight();
  for (const auto& partition : member_.partitions) {
    let_go(*partition, Partition::State::kRevoked);
    member_events::revoked(member_.reporter, partition->where, partition->tracker.in_flight());
  }
  member_.partitions.clear();
  count_partitions();
  return left;
}

void Rebalance::let_go_of_all() {
  for (const auto& partition : member_.partitions) let_go(*partition, Partition::State::kRevoked);
}

void Rebalance::wait_for_handlers(std::span<const PartitionPtr> partitions, MemberClock::time_point deadline) {
  const auto start = member_.clock.now();
  while (true) {
    parts_.completions.apply(member_.counters);
    const bool idle = std::ranges::all_of(partitions, [](const auto& partition) { return partition->begun() == 0; });
    if (hurry_) deadline = std::min(deadline, start + kHurriedDrain);
    const auto left = duration_cast<milliseconds>(deadline - member_.clock.now());
    if (idle || left.count() <= 0) return;
    parts_.completions.sleep(member_.clock, std::min(left, Completions::kLongestSleep), 1);
  }
}

void Rebalance::release(std::span<const PartitionPtr> partitions, const RevokeBudget& budget) {
  const auto now = member_.clock.now();
  receiver_.release(partitions, std::max(duration_cast<milliseconds>(budget.transaction(now, 24h) - now), 0ms));
}

// Waits for all partitions at the same time, because the group does not wait longer for a topic with many partitions.
PartitionPtr Rebalance::start_over(std::span<const ReplacedLogCheck::Replaced> replaced) {
  if (replaced.empty()) return nullptr;
  const RevokeBudget budget(member_.clock.now(), member_.client->max_poll_interval());
  std::vector<PartitionPtr> leaving;
  for (const auto& each : replaced) {
    begin_no_more_of(*each.partition);
    leaving.push_back(each.partition);
  }
  release(leaving, budget);
  // A transaction may have committed something of a partition before it was released.
  std::vector<kafka::TopicPartition> unknown;
  for (const auto& partition : leaving) {
    partition->gone.request_stop();
    if (!partition->log.is_stored()) unknown.push_back(partition->where);
  }
  const auto told = parts_.logs.stored(unknown, ReplacedLogCheck::kStoredWithin);
  PartitionPtr untold;
  for (const auto& each : replaced) {
    const auto& where = each.partition->where;
    const auto found = std::ranges::find(told, where, &kafka::OffsetToCommit::where);
    if (std::ranges::find(unknown, where) == unknown.end()) {
      start_over(each, {});
    } else if (found != told.end()) {
      start_over(each, found->next >= 0 ? std::optional(found->next) : std::nullopt);
    } else {
      if (!untold) untold = each.partition;
      parts_.logs.doubt(*each.partition, &ReplacedLogWatch::missing);  // until the client is replaced
    }
  }
  return untold;
}

void Rebalance::start_over(const ReplacedLogCheck::Replaced& replaced, std::optional<std::int64_t> stored) {
  const PartitionPtr& partition = replaced.partition;
  const auto old = std::ranges::find(member_.partitions, partition);
  std::optional<std::int64_t> began_at;
  if (!partition->log.is_stored() && partition->began_at && *partition->began_at <= replaced.log.end) {
    began_at = partition->began_at;
  }
  const auto start = stored ? stored : began_at;
  member_events::log_replaced(member_.reporter, {.where = partition->where,
                                                 .position = replaced.position,
                                                 .end = replaced.log.end,
                                                 .committed = replaced.committed,
                                                 .was_committed = partition->log.is_stored()});
  shrink(member_.counters.in_flight, partition->tracker.in_flight());
  partition->held = {};
  partition->queue->clear();
  auto queue = std::move(partition->queue);
  let_go(*partition, Partition::State::kRevoked);
  auto anew =
      std::make_shared<Partition>(partition->where, OffsetTracker(start), std::move(queue), member_.client.get());
  anew->topic_began_with = partition->topic_began_with;
  anew->began_at = began_at;
  anew->keep_start = began_at && !stored;
  if (stored) anew->log.stored();
  if (member_.options.commit_metadata) parts_.poison.watch(*anew, {});
  *old = std::move(anew);
  // Seek to the number, not to RD_KAFKA_OFFSET_BEGINNING: what the client knows of the log's beginning may belong to
  // the deleted log.
  member_.client->seek(partition->where, start.value_or(replaced.log.begin));
}

}  // namespace conveyor::worker
