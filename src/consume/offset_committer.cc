#include "consume/offset_committer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "consume/member_events.h"
#include "kafka/errors.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAgainAfter{100};
constexpr milliseconds kVerifiedAgainAfter{50};
constexpr milliseconds kLastCommitWithin{1'000};
constexpr milliseconds kVerifyWithin{8'000};
constexpr milliseconds kLastTryWithin{500};
constexpr milliseconds kResultWithin{50};
constexpr milliseconds kJoinedWithin{10};

bool has_doubts(std::span<const PartitionPtr> partitions) {
  return std::ranges::any_of(partitions, [](const auto& partition) { return partition->log.doubts(); });
}

// The metadata that a commit without CommitMetadata needs nevertheless.
std::string began_metadata(const Partition& partition, std::int64_t offset, std::size_t limit) {
  if (partition.topic_began_with == 0) return {};
  return encode({.offset = offset, .topic_began_with = partition.topic_began_with}, limit);
}

}  // namespace

void OffsetCommitter::commit_when_due(MemberClock::time_point now) {
  if ((now < next_ && !soon_) || member_.client->commit_in_flight()) return;
  if (member_.client->joining()) {
    next_ = now + kAgainAfter;
    return;
  }
  soon_ = false;
  next_ = now + member_.options.commit_interval;
  auto offsets = to_commit(member_.partitions, Giving::kKept);
  if (logs_.leave_out_unverified(offsets, now)) next_ = std::min(next_, now + kVerifiedAgainAfter);
  if (!offsets.empty() && !commit(offsets, WhileJoining::kDoNot)) next_ = now + kAgainAfter;
}

std::vector<kafka::OffsetToCommit> OffsetCommitter::to_commit(std::span<const PartitionPtr> partitions, Giving giving) {
  std::vector<kafka::OffsetToCommit> offsets;
  for (const auto& partition : partitions) {
    if (!partition->is_ours() || partition->in_doubt || partition->log.doubts()) continue;
    // While a transaction commits the partition, the fate of a plain commit is unknown: the broker may keep it or not,
    // and does not say.
    const bool may_be_in_transaction = member_.options.transacted && giving == Giving::kKept;
    if (may_be_in_transaction && partition->tracker.in_flight() > 0) continue;
    if (partition->lease) {
      add_with_metadata(*partition, giving, offsets);
    } else {
      add_without_metadata(*partition, offsets);
    }
  }
  return offsets;
}

void OffsetCommitter::add_without_metadata(const Partition& partition,
                                           std::vector<kafka::OffsetToCommit>& offsets) const {
  const auto finished = partition.tracker.committable();
  const auto next = finished || !partition.keep_start ? finished : partition.tracker.base();
  if (next)
    offsets.push_back({partition.where, *next, began_metadata(partition, *next, member_.metadata_limit.bytes())});
}

void OffsetCommitter::add_with_metadata(Partition& partition, Giving giving,
                                        std::vector<kafka::OffsetToCommit>& offsets) {
  const PartitionLease& lease = *partition.lease;
  const bool held = static_cast<bool>(partition.held);
  auto base = partition.tracker.base();
  if (!base && held) base = partition.held.offset();
  if (!base) return;
  const std::int64_t next = held ? partition.held.offset() : *base;
  const bool watches = member_.watches_crashes();
  const bool news = giving == Giving::kBack ? lease.open() : watches && held && lease.stale(*base, next);
  if (!partition.tracker.committable() && !news && !partition.keep_start) return;
  const bool in_nobodys_hands = giving == Giving::kBack || (partition.keep_start && !held);
  CommitMetadata metadata = in_nobodys_hands || !watches ? lease.closed_metadata(*base) : lease.metadata(*base, next);
  metadata.topic_began_with = partition.topic_began_with;
  metadata.done = partition.tracker.done_above();
  offsets.push_back({partition.where, *base, encode(metadata, member_.metadata_limit.bytes())});
  partition.metadata_in_flight = std::move(metadata);
}

bool OffsetCommitter::commit(std::span<const kafka::OffsetToCommit> offsets, WhileJoining while_joining) {
  if (!member_.client->commit(offsets, while_joining)) return false;
  for (const auto& partition : member_.partitions) {
    const bool included = std::ranges::find(offsets, partition->where, &kafka::OffsetToCommit::where) != offsets.end();
    if (included) partition->log.committing();
    partition->committing = included;
  }
  return true;
}

void OffsetCommitter::on_outcome(const kafka::CommitOutcome& outcome) {
  for (const auto& [topic, partition] : outcome.unknown) logs_.doubt_topic(topic);
  for (const auto& partition : member_.partitions) {
    partition->committing = false;
    const auto metadata = std::exchange(partition->metadata_in_flight, std::nullopt);
    const auto stored = std::ranges::find(outcome.committed, partition->where, &kafka::OffsetToCommit::where);
    if (stored == outcome.committed.end()) continue;
    partition->tracker.committed(stored->next);
    partition->keep_start = false;
    partition->log.stored();
    if (partition->lease && metadata) partition->lease->stored(*metadata);
  }
}

void OffsetCommitter::shorten_metadata() {
  member_events::metadata_shortened(member_.reporter, member_.metadata_limit.shorten());
}

rd_kafka_resp_err_t OffsetCommitter::take_result(milliseconds within) {
  const auto outcome = member_.client->poll_commit(within);
  if (!outcome) return RD_KAFKA_RESP_ERR_NO_ERROR;
  on_outcome(*outcome);
  const rd_kafka_resp_err_t error = outcome->error;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    grow(member_.counters.commits, 1);
    errors_said_.over();
    return error;
  }
  grow(member_.counters.commit_errors, 1);
  const auto now = member_.clock.now();
  next_ = std::min(next_, now + kAgainAfter);  // whatever waits for a commit should not wait long
  if (error == RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE && member_.metadata_limit.bytes() > 0) shorten_metadata();
  if (!errors_said_.must_say(error, now)) return error;
  const std::string text = member_events::commit_failed(member_.reporter, error);
  if (const auto code = kafka::commit_never_accepted(error); code && !member_.failure) {
    member_.failure.emplace(*code,
                            fmt::format("{} (group {}, topics {}); {}", text, member_.config.group,
                                        fmt::join(member_.options.topics, ", "), kafka::meaning_of(error).advice));
  }
  return error;
}

milliseconds OffsetCommitter::left_until(MemberClock::time_point deadline) const {
  return std::max(std::chrono::duration_cast<milliseconds>(deadline - member_.clock.now()), milliseconds(0));
}

bool OffsetCommitter::wait_for_result(const LastCommit& last) {
  const milliseconds moment = std::min(last.left, kResultWithin);
  const auto error = take_result(moment);
  // not in the time that is left
  if (kafka::commit_never_accepted(error)) return false;
  const bool next_generation = kafka::means_next_generation(error);
  if (kafka::means_lost(error) && (!next_generation || member_.client->lost())) return false;
  // A member that waits here while the group rebalances cannot rejoin it.
  const bool rebalancing = next_generation || error == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;
  if (rebalancing && member_.clock.now() - last.start > last.rebalance_patience) return false;
  // The coordinator is moving, or the group is rebalancing: wait a moment.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) member_.clock.sleep_for(moment);
  return !member_.client->commit_in_flight() || last.left.count() > 0;
}

std::vector<kafka::OffsetToCommit> OffsetCommitter::verified(LastCommit& last) {
  auto offsets = to_commit(last.partitions, Giving::kBack);
  const bool unverified = std::ranges::any_of(
      last.partitions, [&](const auto& partition) { return logs_.must_verify(*partition, offsets); });
  const bool needed = last.verifications == 0 || (last.verifications == 1 && has_doubts(last.partitions)) ||
                      (last.left.count() > 0 && unverified);
  if (!needed) return offsets;
  const auto asked_at = member_.clock.now();
  const auto most = last.hurry ? kLastCommitWithin : kVerifyWithin;
  logs_.verify(last.partitions, offsets, std::clamp(last.left - kLastCommitWithin, kLastCommitWithin, most));
  const auto spent = std::min<std::chrono::steady_clock::duration>(member_.clock.now() - asked_at, kLastCommitWithin);
  last.start += spent;
  if (++last.verifications <= 2) last.deadline += spent;
  last.left = left_until(last.deadline);
  return to_commit(last.partitions, Giving::kBack);
}

bool OffsetCommitter::commit_last(std::span<const PartitionPtr> partitions, MemberClock::time_point deadline,
                                  milliseconds rebalance_patience, const std::atomic<bool>& hurry) {
  LastCommit last{.partitions = partitions,
                  .deadline = deadline,
                  .rebalance_patience = rebalance_patience,
                  .hurry = hurry,
                  .start = member_.clock.now()};
  while (true) {
    last.left = left_until(last.deadline);
    if (member_.client->commit_in_flight() && !wait_for_result(last)) return false;
    if (member_.client->commit_in_flight()) continue;
    const auto offsets = verified(last);
    if (offsets.empty()) return !has_doubts(partitions);
    if (last.left.count() == 0) return false;
    // A commit that may be refused is better than none.
    const bool last_try = last.left <= kLastTryWithin;
    const bool must_wait = !last_try && member_.client->joining();
    if (!must_wait && commit(offsets, last_try ? WhileJoining::kTry : WhileJoining::kDoNot)) continue;
    if (last_try || member_.client->failed()) return false;
    member_.clock.sleep_for(kJoinedWithin);
  }
}

}  // namespace conveyor::worker
