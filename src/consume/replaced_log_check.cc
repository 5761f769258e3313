#include "consume/replaced_log_check.h"

#include <algorithm>
#include <utility>

#include "consume/member_events.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswerWithin{1'000};  // at first; twice as long after each unanswered question
constexpr int kMostDoublings = 3;
constexpr milliseconds kCheckAgainAfter{50};
constexpr milliseconds kAnswerOnItsWay{100};  // added to the time limit of the question itself

}  // namespace

void ReplacedLogCheck::doubt(Partition& partition, void (ReplacedLogWatch::*sign)() noexcept) {
  (partition.log.*sign)();
  doubts_ = true;
}

void ReplacedLogCheck::doubt_topic(std::string_view topic) {
  for (const auto& partition : member_.partitions) {
    if (partition->where.topic == topic) doubt(*partition, &ReplacedLogWatch::missing);
  }
}

ReplacedLogCheck::Answers ReplacedLogCheck::take_answers(MemberClock::time_point now) {
  Answers answers;
  for (const auto& answered : to_commit_->take()) take_answer(answered, now, answers);
  for (const auto& answered : doubted_->take()) take_answer(answered, now, answers);
  return answers;
}

void ReplacedLogCheck::take_answer(const PartitionLookup::Question& answered, MemberClock::time_point now,
                                   Answers& answers) {
  answers.any = true;
  const PartitionPtr partition = member_.find(answered.partition, answered.where);
  if (partition == nullptr) return;
  ReplacedLogWatch& log = partition->log;
  // An answer that was asked for before a commit may be older than the present doubt, or than a doubt that was resolved
  // meanwhile. Ignore it then.
  if (!answered.log && (log.doubts() || answered.asked_at != log.asked_at())) return;
  const bool was_shorter = log.is_shorter();
  const auto position = partition->tracker.position();
  const ReplacedLogWatch::Answer answer{
      .end = answered.range ? std::optional(answered.range->end) : std::nullopt,
      .told = answered.stored.has_value(),
      .committed = answered.stored.value_or(-1) >= 0,
  };
  if (answered.log) unanswered_ = answer.told && answer.end ? 0 : unanswered_ + 1;
  const auto verdict = log.answered(answer, position, member_.options.shorter_log_after, now);
  doubts_ = doubts_ || log.doubts();
  if (!position || !answered.range) return;  // nothing can be decided yet
  if (verdict == ReplacedLogWatch::Verdict::kSeekBack) {
    report_seek_back(*partition, *position, answered.range->end, was_shorter);
    answers.seek_back.push_back({partition, *position});
  } else if (verdict == ReplacedLogWatch::Verdict::kStartOver) {
    answers.replaced.push_back({partition, *position, *answered.range, answer.committed});
  }
}

void ReplacedLogCheck::report_seek_back(const Partition& partition, std::int64_t position, std::int64_t end,
                                        bool was_shorter) const {
  if (!partition.log.is_shorter()) {
    member_events::lagging_broker(member_.reporter, partition.where, position);
  } else if (!was_shorter) {
    member_events::log_is_shorter(member_.reporter, partition.where, position, end, member_.options.shorter_log_after);
  }
}

void ReplacedLogCheck::ask(MemberClock::time_point now) {
  if (doubted_->asking()) return;
  if (member_.options.transacted) {
    for (const auto& partition : member_.partitions) {
      const bool dropped = partition->dropped_by_group.load(std::memory_order_relaxed);
      if (dropped && partition->dropped_by_group.exchange(false)) doubt(*partition, &ReplacedLogWatch::missing);
    }
  }
  // A commit in flight would be found as the committed offset.
  if (!doubts_ || member_.client->commit_in_flight()) return;
  doubts_ = false;
  std::vector<PartitionLookup::Question> questions;
  for (const auto& partition : member_.partitions) {
    if (!partition->log.doubts()) continue;
    doubts_ = true;
    if (!partition->log.must_ask(now)) continue;
    questions.push_back({.partition = partition.get(), .where = partition->where, .log = true, .committed = true});
    partition->log.asked(now);
  }
  if (questions.empty()) return;
  doubted_->ask(std::move(questions), kAnswerWithin * (1 << std::min(unanswered_, kMostDoublings)));
}

bool ReplacedLogCheck::leave_out_unverified(std::vector<kafka::OffsetToCommit>& offsets, MemberClock::time_point now) {
  bool again_soon = false;
  std::vector<PartitionLookup::Question> questions;
  milliseconds within{0};
  for (const auto& partition : member_.partitions) {
    if (!partition->log.must_verify(now)) continue;
    if (std::erase_if(offsets, [&](const auto& offset) { return offset.where == partition->where; }) == 0) continue;
    if (to_commit_->asking()) continue;
    if (partition->log.has_just_asked(now)) {  // the question was refused at once
      again_soon = true;
      continue;
    }
    questions.push_back({.partition = partition.get(), .where = partition->where, .committed = true, .asked_at = now});
    partition->log.asked(now);
    within = std::max(within, partition->log.answer_within());
  }
  if (!questions.empty()) to_commit_->ask(std::move(questions), within);
  return again_soon;
}

bool ReplacedLogCheck::must_verify(const Partition& partition, std::span<const kafka::OffsetToCommit> offsets) const {
  return partition.log.must_verify(member_.clock.now()) &&
         std::ranges::find(offsets, partition.where, &kafka::OffsetToCommit::where) != offsets.end();
}

void ReplacedLogCheck::verify(std::span<const PartitionPtr> partitions, std::span<const kafka::OffsetToCommit> offsets,
                              milliseconds within) {
  const auto end = member_.clock.now() + within;
  std::vector<PartitionPtr> asked;
  for (const auto& partition : partitions) {
    if (partition->log.doubts() || must_verify(*partition, offsets)) asked.push_back(partition);
  }
  while (!asked.empty()) {
    const auto now = member_.clock.now();
    if (now >= end) break;
    ask_for_stored(asked, std::chrono::ceil<milliseconds>(end - now));
    if (!asked.empty() && member_.clock.now() < now + kCheckAgainAfter) member_.clock.sleep_for(kCheckAgainAfter);
  }
  for (const auto& partition : asked) doubt(*partition, &ReplacedLogWatch::missing);
}

void ReplacedLogCheck::ask_for_stored(std::vector<PartitionPtr>& partitions, milliseconds at_most) {
  const auto asked_at = member_.clock.now();
  std::vector<kafka::TopicPartition> asked;
  milliseconds within{0};
  for (const auto& partition : partitions) {
    asked.push_back(partition->where);
    partition->log.asked(asked_at);
    within = std::max(within, partition->log.doubts() ? kStoredWithin : partition->log.answer_within());
  }
  const auto told = stored(asked, std::min(within, at_most));
  const auto now = member_.clock.now();
  std::erase_if(partitions, [&](const PartitionPtr& partition) {
    const auto found = std::ranges::find(told, partition->where, &kafka::OffsetToCommit::where);
    ReplacedLogWatch::Answer answer;
    if (found != told.end()) answer = {.told = true, .committed = found->next >= 0};
    ReplacedLogWatch& log = partition->log;
    static_cast<void>(log.answered(answer, partition->tracker.position(), member_.options.shorter_log_after, now));
    return log.doubts() ? answer.told : !log.must_verify(now);
  });
}

std::vector<kafka::OffsetToCommit> ReplacedLogCheck::stored(std::span<const kafka::TopicPartition> partitions,
                                                            milliseconds within) {
  if (partitions.empty()) return {};
  std::vector<PartitionLookup::Question> questions;
  for (const auto& where : partitions) questions.push_back({.where = where, .committed = true});
  waited_for_->ask(std::move(questions), within);
  const auto end = member_.clock.now() + within + kAnswerOnItsWay;
  std::vector<kafka::OffsetToCommit> told;
  while (waited_for_->asking()) {
    for (const auto& answered : waited_for_->take()) {
      if (answered.stored) told.push_back({answered.where, *answered.stored});
    }
    const auto now = member_.clock.now();
    if (now >= end) waited_for_->forget();
    if (waited_for_->asking()) member_.clock.wait(wakeup_, std::chrono::ceil<milliseconds>(end - now));
  }
  wakeup_.signal();  // the wakeup may have been meant for something else
  return told;
}

void ReplacedLogCheck::forget() noexcept {
  doubted_->forget();
  to_commit_->forget();
}

}  // namespace conveyor::worker
