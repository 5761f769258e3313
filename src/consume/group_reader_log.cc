// Where a GroupReader stands in the logs of its partitions: what they skip, whether they are still the ones that were
// read, and whether anything comes of them.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "consume/group_reader.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswerWithin{1'000};  // at first, with every question that stays open twice as long
constexpr int kMostDoublings = 3;
constexpr milliseconds kStoredWithin{1'000};
constexpr milliseconds kCheckAgainAfter{50};
constexpr milliseconds kLogEndOnTheSide{4'000};
constexpr milliseconds kBetweenStarts{500};

}  // namespace

// The client is set to say where a log ends, once it is there: behind what is never handed out.
void GroupReader::at_end(Partition& partition, std::int64_t offset) {
  const auto position = partition.tracker.position();
  if (position && offset < *position) {
    if (!partition.tracker.was_done(offset)) doubt(partition, &LogWatch::rewound);
    return;
  }
  if (position && offset > *position) look_for_deleted(partition, *position, offset);
  partition.log.went_on();
  partition.tracker.pass_to(offset);
}

void GroupReader::look_for_deleted(Partition& partition, std::int64_t position, std::int64_t next) {
  partition.retention.skipped(position, next);
  if (partition.retention.must_look(round_began_)) look_at_log_start(partition, round_began_);
}

void GroupReader::look_at_log_start(Partition& partition, Clock::time_point now) {
  const std::int64_t start = consumer_->known_log_start(partition.where);
  for (const OffsetRange& deleted : partition.retention.looked(start, now)) report_deleted(partition, deleted);
}

void GroupReader::report_deleted(const Partition& partition, const OffsetRange& deleted) {
  expired_.fetch_add(static_cast<std::uint64_t>(deleted.end - deleted.first), std::memory_order_relaxed);
  const std::string text = fmt::format(
      "{} [{}]: offsets {} to {} were deleted before they were read; keep the topic's records for longer "
      "(retention.ms, retention.bytes), or read them sooner",
      partition.where.topic, partition.where.partition, deleted.first, deleted.end - 1);
  reporter_.report({.kind = Event::Kind::kExpired,
                    .topic = partition.where.topic,
                    .partition = partition.where.partition,
                    .offset = deleted.first,
                    .text = text},
                   Severity::kError);
}

// A start that was passed meanwhile would not be known any more when its records are read.
void GroupReader::look_for_log_starts(Clock::time_point now) {
  if (now < next_look_for_starts_) return;
  next_look_for_starts_ = now + kBetweenStarts;
  for (const auto& partition : partitions_) look_at_log_start(*partition, now);
}

void GroupReader::doubt(Partition& partition, void (LogWatch::*sign)() noexcept) {
  (partition.log.*sign)();
  doubts_ = true;
}

void GroupReader::doubt_topic(std::string_view topic) {
  for (const auto& partition : partitions_) {
    if (partition->where.topic == topic) doubt(*partition, &LogWatch::missing);
  }
}

void GroupReader::ask_about_logs(Clock::time_point now) {
  for (const auto& answered : checks_.take()) static_cast<void>(on_answer(answered, now));  // of no log
  if (questions_.asking()) {
    std::vector<Replaced> replaced;
    for (const auto& answered : questions_.take()) {
      if (auto another = on_answer(answered, now)) replaced.push_back(*std::move(another));
    }
    start_over(replaced);
    if (questions_.asking()) return;
  }
  if (options_.transacted) {
    for (const auto& partition : partitions_) {
      if (partition->dropped_by_group.load(std::memory_order_relaxed) && partition->dropped_by_group.exchange(false))
        doubt(*partition, &LogWatch::missing);
    }
  }
  // What is on its way to be committed would be found.
  if (!doubts_ || consumer_->commit_in_flight()) return;
  doubts_ = false;
  std::vector<LogLookup::Question> questions;
  for (const auto& partition : partitions_) {
    if (!partition->log.doubts()) continue;
    doubts_ = true;
    if (!partition->log.must_ask(now)) continue;
    questions.push_back({.partition = partition.get(), .where = partition->where, .log = true, .committed = true});
    partition->log.asked(now);
  }
  if (questions.empty()) return;
  const auto within = kAnswerWithin * (1 << std::min(questions_unanswered_, kMostDoublings));
  questions_.ask(std::move(questions), consumer_, wakeup_, within);
}

// Asks the group about those that must be verified before they are committed. They come with a later commit: the others
// wait for no question.
void GroupReader::leave_out_unverified(std::vector<kafka::OffsetToCommit>& offsets, Clock::time_point now) {
  std::vector<LogLookup::Question> questions;
  milliseconds within{0};
  for (const auto& partition : partitions_) {
    if (!partition->log.must_verify(now)) continue;
    if (std::erase_if(offsets, [&](const auto& offset) { return offset.where == partition->where; }) == 0) continue;
    if (checks_.asking()) continue;
    if (partition->log.has_just_asked(now)) {  // and was refused at once
      next_commit_ = std::min(next_commit_, now + kCheckAgainAfter);
      continue;
    }
    questions.push_back({.partition = partition.get(), .where = partition->where, .committed = true, .asked_at = now});
    partition->log.asked(now);
    within = std::max(within, partition->log.answer_within());
  }
  if (questions.empty()) return;
  checks_.ask(std::move(questions), consumer_, wakeup_, within);
}

bool GroupReader::must_verify(const Partition& partition, std::span<const kafka::OffsetToCommit> offsets) {
  return partition.log.must_verify(Clock::now()) &&
         std::ranges::find(offsets, partition.where, &kafka::OffsetToCommit::where) != offsets.end();
}

// The same for partitions that are given back, waiting for the answer. What nobody answers for in time is doubted, and
// not committed: who gets the partition handles it again, rather than passing over records of another log.
void GroupReader::verify(std::span<const PartitionPtr> partitions, std::span<const kafka::OffsetToCommit> offsets,
                         milliseconds within) {
  const auto end = Clock::now() + within;
  std::vector<PartitionPtr> asked;
  for (const auto& partition : partitions) {
    if (partition->log.doubts() || must_verify(*partition, offsets)) asked.push_back(partition);
  }
  while (!asked.empty()) {
    const auto now = Clock::now();
    if (now >= end) break;
    ask_for_stored(asked, std::chrono::ceil<milliseconds>(end - now));
    if (!asked.empty() && Clock::now() < now + kCheckAgainAfter) std::this_thread::sleep_for(kCheckAgainAfter);
  }
  for (const auto& partition : asked) doubt(*partition, &LogWatch::missing);
}

// Leaves those that must be asked about again.
void GroupReader::ask_for_stored(std::vector<PartitionPtr>& partitions, milliseconds at_most) {
  const auto asked_at = Clock::now();
  std::vector<kafka::TopicPartition> places;
  milliseconds within{0};
  for (const auto& partition : partitions) {
    places.push_back(partition->where);
    partition->log.asked(asked_at);
    within = std::max(within, partition->log.doubts() ? kStoredWithin : partition->log.answer_within());
  }
  const auto told = consumer_->committed(places, std::min(within, at_most));
  const auto now = Clock::now();
  std::erase_if(partitions, [&](const PartitionPtr& partition) {
    const auto found = std::ranges::find(told, partition->where, &kafka::OffsetToCommit::where);
    LogWatch::Answer answer;
    if (found != told.end()) answer = {.told = true, .committed = found->next >= 0};
    LogWatch& log = partition->log;
    static_cast<void>(log.answered(answer, partition->tracker.position(), options_.shorter_log_after, now));
    return log.doubts() ? answer.told : !log.must_verify(now);
  });
}

// @return what is to be read from its beginning
std::optional<GroupReader::Replaced> GroupReader::on_answer(const LogLookup::Question& answered,
                                                            Clock::time_point now) {
  commit_soon_ = true;  // it may have waited for this
  const auto found =
      std::ranges::find(partitions_, answered.partition, [](const PartitionPtr& each) { return each.get(); });
  if (found == partitions_.end() || (*found)->where != answered.where) return {};
  const PartitionPtr partition = *found;
  LogWatch& log = partition->log;
  // The answer to what was asked before a commit may be older than a doubt, or than one that is settled meanwhile.
  if (!answered.log && (log.doubts() || answered.asked_at != log.asked_at())) return {};
  const bool was_shorter = log.is_shorter();
  const auto position = partition->tracker.position();
  const LogWatch::Answer answer{
      .end = answered.range ? std::optional(answered.range->end) : std::nullopt,
      .told = answered.stored.has_value(),
      .committed = answered.stored.value_or(-1) >= 0,
  };
  if (answered.log) questions_unanswered_ = answer.told && answer.end ? 0 : questions_unanswered_ + 1;
  const auto verdict = log.answered(answer, position, options_.shorter_log_after, now);
  doubts_ = doubts_ || log.doubts();
  if (!position || !answered.range) return {};  // then it is neither
  if (verdict == LogWatch::Verdict::kSeekBack) seek_back(*partition, *position, answered.range->end, was_shorter);
  if (verdict != LogWatch::Verdict::kStartOver) return {};
  return Replaced{partition, *position, *answered.range, answer.committed};
}

void GroupReader::seek_back(Partition& partition, std::int64_t position, std::int64_t end, bool was_shorter) {
  const auto& [topic, number] = partition.where;
  if (!partition.log.is_shorter()) {
    reporter_.log(Severity::kWarning, "conveyor",
                  fmt::format("{} [{}]: a broker that lagged behind had nothing at offset {}; going on there", topic,
                              number, position));
  } else if (!was_shorter) {
    reporter_.log(
        Severity::kWarning, "conveyor",
        fmt::format("{} [{}]: the log ends at offset {} although {} was to be read; when that stays so for {} "
                    "ms it is taken for a log made anew, and read from its beginning",
                    topic, number, end, position, options_.shorter_log_after.count()));
  }
  drop_ahead(partition);
  consumer_->seek(partition.where, position);
}

// What is in flight belongs to logs that are gone: it is finished by those who have it, and committed by nobody. All
// are waited for at the same time: a topic of many partitions must not take longer than the group waits for us.
void GroupReader::start_over(std::span<const Replaced> replaced) {
  if (replaced.empty()) return;
  const RevokeBudget budget(Clock::now(), consumer_->max_poll_interval());
  std::vector<PartitionPtr> leaving;
  for (const auto& each : replaced) {
    begin_no_more_of(*each.partition);
    leaving.push_back(each.partition);
  }
  release(leaving, budget);
  // A transaction may have committed some of one before it let go.
  std::vector<kafka::TopicPartition> unknown;
  for (const auto& partition : leaving) {
    partition->gone.request_stop();
    if (!partition->log.is_stored()) unknown.push_back(partition->where);
  }
  const auto told = consumer_->committed(unknown, kStoredWithin);
  for (const auto& each : replaced) {
    const Partition& partition = *each.partition;
    const auto found = std::ranges::find(told, partition.where, &kafka::OffsetToCommit::where);
    if (std::ranges::find(unknown, partition.where) == unknown.end()) {
      start_over(each, {});
    } else if (found != told.end()) {
      start_over(each, found->next >= 0 ? std::optional(found->next) : std::nullopt);
    } else {
      broken(fmt::format("{} [{}]: whether anything of it is committed could not be read", partition.where.topic,
                         partition.where.partition));
      doubt(*each.partition, &LogWatch::missing);  // until then
    }
  }
}

void GroupReader::start_over(const Replaced& replaced, std::optional<std::int64_t> stored) {
  const PartitionPtr& partition = replaced.partition;
  const auto place = std::ranges::find(partitions_, partition);
  std::optional<std::int64_t> began_at;
  if (!partition->log.is_stored() && partition->began_at && *partition->began_at <= replaced.log.end) {
    began_at = partition->began_at;
  }
  const auto start = stored ? stored : began_at;
  report_replaced(replaced);
  in_flight_.fetch_sub(partition->tracker.in_flight(), std::memory_order_relaxed);
  kafka::Queue queue = std::move(partition->queue);
  let_go(*partition);
  *place = std::make_shared<Partition>(partition->where, OffsetTracker(start), std::move(queue), consumer_,
                                       partition->ahead.most());
  (*place)->topic_began_with = partition->topic_began_with;
  (*place)->began_at = began_at;
  (*place)->keep_start = began_at && !stored;
  if (stored) (*place)->log.stored();
  if (options_.notes) watch(**place, {});
  // Its number: what the client knows of the log's beginning may be of the log that is gone.
  consumer_->seek(partition->where, start.value_or(replaced.log.begin));
}

void GroupReader::report_replaced(const Replaced& replaced) {
  const auto& [topic, number] = replaced.partition->where;
  std::string text;
  if (replaced.committed) {
    text = fmt::format(
        "{} [{}]: the log ends at offset {} although {} was to be read: the topic was deleted and made "
        "anew, or lost records; reading it from its beginning",
        topic, number, replaced.log.end, replaced.position);
  } else if (replaced.partition->log.is_stored()) {
    text = fmt::format(
        "{} [{}]: what the group had committed of it is gone, and {} was to be read: the topic was deleted and made "
        "anew; reading it from its beginning",
        topic, number, replaced.position);
  } else {
    text = fmt::format(
        "{} [{}]: offset {} was to be read, and denied or its topic missing, before anything was committed: the topic "
        "may have been made anew; reading it from where it was begun",
        topic, number, replaced.position);
  }
  reporter_.report({.kind = Event::Kind::kLogReplaced,
                    .topic = topic,
                    .partition = number,
                    .offset = replaced.position,
                    .text = text},
                   Severity::kError);
}

bool GroupReader::waits_for_records(const Partition& partition) const noexcept {
  return partition.tracker.in_flight() == 0 && !partition.held && partition.ahead.empty() && !partition.log.doubts();
}

void GroupReader::look_for_stalls(Clock::time_point now) {
  if (log_ends_.asking()) {
    for (const auto& asked : log_ends_.take()) look_for_stall(asked, now);
    return;
  }
  if (!stall_watch_.must_look(now)) return;
  stall_watch_.looked(now);
  std::vector<LogLookup::Question> questions;
  for (const auto& partition : partitions_) {
    if (waits_for_records(*partition)) {
      // Nothing is committed meanwhile that would ask whether the log is still the same: it may be as long as the old
      // one.
      const bool stored = partition->log.is_stored();
      questions.push_back({.partition = partition.get(), .where = partition->where, .log = true, .committed = stored});
    } else {
      stall_watch_.forget(key_of(partition->where));
    }
  }
  if (!questions.empty()) log_ends_.ask(std::move(questions), consumer_, wakeup_, kLogEndOnTheSide);
}

void GroupReader::look_for_stall(const LogLookup::Question& asked, Clock::time_point now) {
  const auto found =
      std::ranges::find(partitions_, asked.partition, [](const PartitionPtr& each) { return each.get(); });
  if (found == partitions_.end() || (*found)->where != asked.where) return;
  if (asked.stored.value_or(0) < 0 && (*found)->log.is_stored()) doubt(**found, &LogWatch::missing);
  if (!asked.range || !waits_for_records(**found)) return stall_watch_.forget(key_of(asked.where));
  // Nothing was read, and the client would have told of an end: whatever the log has waits.
  const std::int64_t position = (*found)->tracker.position().value_or(asked.range->begin);
  const std::int64_t passed = consumer_->passed(asked.where);
  if (!stall_watch_.waits(key_of(asked.where), position, passed, asked.range->end, now)) return;
  broken(fmt::format("nothing of {} [{}] came for {} ms although its log ends at offset {} and {} was to be read",
                     asked.where.topic, asked.where.partition, options_.stalled_after.count(), asked.range->end,
                     position));
}

}  // namespace conveyor::worker
