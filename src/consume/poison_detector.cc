#include "consume/poison_detector.h"

#include <algorithm>
#include <utility>

#include "consume/member_events.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kEndsWithin{2'000};  // for all partitions of an assignment
constexpr milliseconds kAnswerOnItsWay{500};
// How far above a partition's committed offset records are begun. After a crash at most this many records are handled
// one at a time, each after a commit of its own. The lease grows where handlers would wait for commits: with commits
// that take 6 ms, 128 records allow only 20,000 records a second.
constexpr std::int64_t kLease = 128;

std::int64_t base_of(const Partition& partition) { return partition.tracker.base().value_or(0); }

}  // namespace

std::vector<std::optional<CommitMetadata>> PoisonDetector::metadata_of(std::span<const kafka::Assigned> given) {
  std::vector<std::optional<CommitMetadata>> all;
  for (const auto& [where, start_offset, queue] : given) {
    all.push_back(start_offset.committed && member_.options.commit_metadata
                      ? decode_commit_metadata(start_offset.metadata, *start_offset.committed)
                      : std::nullopt);
    const auto& metadata = all.back();
    if (metadata && ((metadata->open && metadata->suspect) || metadata->waits)) runs_that_told_.insert(metadata->run);
  }
  return all;
}

void PoisonDetector::watch(Partition& partition, const std::optional<CommitMetadata>& found) {
  const PartitionLease::Options options{.run = run_,
                                        .attempts = member_.options.crash_attempts,
                                        .window = kLease,
                                        .widest = static_cast<std::int64_t>(member_.most_tracked())};
  PartitionLease& lease = partition.lease.emplace(options, found, found && runs_that_told_.contains(found->run));
  if (member_.watches_crashes()) policy_.add(lease);
}

void PoisonDetector::limit_probing(std::span<const PartitionPtr> assigned) {
  if (!member_.watches_crashes()) return;
  for (const auto& partition : assigned) {
    if (partition->lease && partition->lease->probing(base_of(*partition))) unasked_.push_back(partition);
  }
  ask_for_ends(member_.clock.now());
}

void PoisonDetector::ask_for_ends(MemberClock::time_point now) {
  if (unasked_.empty() || ends_->asking()) return;
  asked_ = std::exchange(unasked_, {});
  std::vector<PartitionLookup::Question> questions;
  for (const auto& partition : asked_) {
    questions.push_back({.partition = partition.get(), .where = partition->where, .log_end = true});
  }
  answer_until_ = now + kEndsWithin + kAnswerOnItsWay;
  ends_->ask(std::move(questions), kEndsWithin);
}

void PoisonDetector::take_answers(MemberClock::time_point now) {
  if (ends_->asking()) {
    const auto answers = ends_->take();
    if (answers.empty() && now < answer_until_) return;
    ends_->forget();
    for (const auto& partition : std::exchange(asked_, {})) {
      const auto answer = std::ranges::find(answers, partition.get(), &PartitionLookup::Question::partition);
      if (answer != answers.end() && answer->end) partition->lease->log_ended_at(*answer->end);
      const std::int64_t base = base_of(*partition);
      if (partition->lease->probing(base)) member_events::probing(member_.reporter, partition->where, base);
    }
  }
  ask_for_ends(now);
}

bool PoisonDetector::waits_for_end(const Partition& partition) const noexcept {
  const auto is_it = [&](const PartitionPtr& each) { return each.get() == &partition; };
  return std::ranges::any_of(asked_, is_it) || std::ranges::any_of(unasked_, is_it);
}

void PoisonDetector::remove(Partition& partition) noexcept {
  const auto is_it = [&](const PartitionPtr& each) { return each.get() == &partition; };
  std::erase_if(asked_, is_it);
  std::erase_if(unasked_, is_it);
  if (partition.lease) policy_.remove(*partition.lease);
}

PoisonDetector::Permission PoisonDetector::may_begin(Partition& partition, std::int64_t offset,
                                                     MemberClock::time_point now) {
  if (!member_.watches_crashes()) return {.begin = true};
  PartitionLease& lease = *partition.lease;
  const std::int64_t base = partition.tracker.base().value_or(offset);
  Permission permission{.begin = true};
  switch (policy_.may_begin(lease, offset, base, member_.counters.in_flight.load(std::memory_order_relaxed), now)) {
    case PoisonPolicy::Verdict::kGo:
      break;
    case PoisonPolicy::Verdict::kCondemn:
      if (!condemn(partition, offset)) return {};
      permission.deaths = lease.deaths_of(offset);
      break;
    case PoisonPolicy::Verdict::kCommit:
      if (lease.open() && !lease.leased(offset)) {
        const bool handlers_are_idle = partition.tracker.in_flight() == 0;
        if (handlers_are_idle || !lease.stale(base, offset)) lease.widen();
      }
      return {.commit_soon = true};
    case PoisonPolicy::Verdict::kWait:
      if (policy_.waits_until()) report_probation(partition, offset, now);
      return {};
  }
  // Ask for the next lease before this one is used up.
  permission.commit_soon = !lease.leased(offset + lease.window() / 2);
  return permission;
}

void PoisonDetector::idle(Partition& partition) noexcept {
  if (partition.lease && partition.tracker.in_flight() == 0) policy_.idle(*partition.lease);
}

void PoisonDetector::exhausted(Partition& partition) noexcept {
  idle(partition);
  if (partition.lease && partition.tracker.in_flight() == 0) partition.lease->narrow();
}

bool PoisonDetector::condemn(Partition& partition, std::int64_t offset) {
  const auto since_1970 = member_.clock.calendar().time_since_epoch();
  if (partition.lease->condemn(std::chrono::duration_cast<std::chrono::seconds>(since_1970).count())) return true;
  member_.failure.emplace(errc::handler_failed, member_events::too_many_condemned(
                                                    partition.where, offset, PartitionLease::Options().most_condemned));
  return false;
}

void PoisonDetector::report_probation(const Partition& partition, std::int64_t offset, MemberClock::time_point now) {
  const auto until = policy_.waits_until();
  if (std::exchange(said_to_wait_until_, until) == until) return;
  member_events::on_probation(member_.reporter, partition.where, offset,
                              std::chrono::duration_cast<milliseconds>(*until - now));
}

}  // namespace conveyor::worker
