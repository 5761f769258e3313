#include "consume/group_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include "core/retry_policy.h"
#include "kafka/errors.h"

namespace conveyor::worker {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr int kReadsInARow = 64;            // of one partition, before the others have their turn
constexpr milliseconds kLongestSleep{500};  // the client wants to be served far more often than max.poll
constexpr milliseconds kCommitWithin{5'000};
constexpr milliseconds kLastCommitWithin{1'000};
constexpr milliseconds kVerifyWithin{8'000};
constexpr milliseconds kLastTryWithin{500};
constexpr milliseconds kHurriedDrain{2'000};
constexpr milliseconds kRebalancePatience{1'000};
constexpr milliseconds kCloseWithin{5'000};
constexpr milliseconds kCommitAgainAfter{100};
constexpr milliseconds kTopicWithin{1'000};
constexpr milliseconds kTopicCreatedWithin{5'000};
constexpr milliseconds kLogEndsWithin{2'000};  // of all partitions of an assignment
// How far above the committed offset of a partition records are begun: a process that died leaves no more than these to
// be handled one at a time, each after a commit of its own. Where handlers would wait for commits it grows: with
// commits of 6 ms, 128 records were 20,000 a second.
constexpr std::int64_t kLease = 128;
constexpr std::size_t kWidestLease = 1024;
constexpr std::size_t kShortNote = 256;  // without what is done above the offset

// Counters that this thread alone writes.
void grow(std::atomic<std::uint64_t>& counter, std::uint64_t by) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

std::uint64_t new_run() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

milliseconds time_left(std::chrono::steady_clock::time_point deadline) {
  return std::max(duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now()), milliseconds(0));
}

}  // namespace

GroupReader::GroupReader(const Config& config, ReaderOptions options, Receiver& receiver)
    : config_(config),
      bootstrap_servers_(config.bootstrap_servers),
      options_(std::move(options)),
      reporter_(config.observer),
      receiver_(receiver),
      most_tracked_(std::max(kWidestLease, 2 * options_.max_in_flight)),
      wakeup_(std::make_shared<kafka::Wakeup>()),
      stall_watch_(options_.stalled_after),
      startup_(Clock::now(), options_.wait_for_topic),
      next_commit_(Clock::now() + options_.commit_every),
      guard_(options_.crash_probation),
      run_(new_run()) {
  make_consumer();
}

GroupReader::~GroupReader() {
  // Others may still hold a partition; its queue must be gone before the client is.
  for (const auto& partition : partitions_) let_go(*partition);
  consumer_->destroy(left_in_time_ ? kCloseWithin : milliseconds(0));
}

void GroupReader::run(const std::stop_token& stop, milliseconds drain_within) {
  const std::stop_callback wake_up(stop, [this] { wakeup_->signal(); });
  while (!stop.stop_requested() && !failure_) {
    consumer_->serve(*this);
    round_began_ = Clock::now();
    recover_when_due(round_began_);
    settle_finished();
    take_commit_result(milliseconds(0));
    ask_about_logs(Clock::now());
    const bool more = read_some();
    const auto now = Clock::now();
    commit_when_due(now);
    if (startup_.must_ask(now)) ask_for_topics();
    if (startup_.must_look(now)) look_for_topics();
    if (startup_.waits() && consumer_->reporter().rejected()) {
      failure_.emplace(kafka::unreachable(consumer_->reporter(), bootstrap_servers_, options_.wait_for_topic));
    }
    look_for_stalls(now);
    look_for_log_starts(now);
    if (!more && !failure_) sleep(sleep_for(now), finished_before_waking());
  }
  stop_reading(drain_within);
  if (failure_) throw *failure_;
}

bool GroupReader::read_some() {
  bool more = false;
  // By index: what is read may end an assignment.
  for (std::size_t i = 0; i < partitions_.size(); ++i) more = read_some_of(PartitionPtr(partitions_[i])) || more;
  return more;
}

bool GroupReader::has_room(const Partition& partition) const noexcept {
  return partition.tracker.in_flight() < options_.max_in_flight &&
         partition.bytes_in_flight < options_.max_in_flight_bytes;
}

bool GroupReader::read_some_of(const PartitionPtr& partition) {
  const bool more = begin_some_of(partition);
  hand_over();
  return more;
}

// Many at a time: what it costs to pass something to another thread is by far more than what a small record does.
void GroupReader::hand_over() {
  if (begun_.empty()) return;
  std::size_t bytes = 0;
  for (const Incoming& incoming : begun_) bytes += incoming.bytes;
  grow(received_, begun_.size());
  grow(received_bytes_, bytes);
  receiver_.receive(begun_);
  begun_.clear();
}

// @return whether there may be more to read at once
bool GroupReader::begin_some_of(const PartitionPtr& partition) {
  // Should this process die with a record in hand, the next member would not know of it.
  if (partition->keep_start) return false;
  // What is finished behind a record that is not would otherwise grow for as long as that takes, and not fit into a
  // CommitNote, so that all of it came again after a restart.
  if (partition->tracker.tracked() >= most_tracked_) return false;
  if (partition->log.doubts()) {
    // Others would wait for what is begun of it.
    if (partition->marks && partition->tracker.in_flight() == 0) guard_.idle(*partition->marks);
    return false;
  }
  for (int reads = 0; reads < kReadsInARow; ++reads) {
    if (!has_room(*partition)) return false;  // left unread: finishing wakes us
    if (!hold_next(*partition) || !begin_held(partition)) return false;
  }
  return true;
}

bool GroupReader::hold_next(Partition& partition) {
  while (!partition.held) {
    kafka::Received record = partition.ahead.next(partition.queue.get());
    if (!record) {
      if (partition.marks && partition.tracker.in_flight() == 0) {
        guard_.idle(*partition.marks);
        partition.marks->narrow();
      }
      return false;
    }
    if (record.error() == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      at_end(partition, record.offset());
      if (partition.log.doubts()) return false;
      continue;
    }
    if (record.error() != RD_KAFKA_RESP_ERR_NO_ERROR) {
      on_partition_error(partition, record);
      if (partition.log.doubts()) return false;
      continue;
    }
    const auto position = partition.tracker.position();
    if (position && record.offset() != *position) {
      if (record.offset() > *position) {
        look_for_deleted(partition, *position, record.offset());
      } else if (!partition.tracker.was_done(record.offset())) {
        doubt(partition, &LogWatch::rewound);
        return false;
      } else {
        continue;
      }
    }
    if (partition.log.is_shorter()) partition.log.went_on();
    if (partition.tracker.pass_over(record.offset())) continue;
    partition.held = std::move(record);
  }
  return true;
}

bool GroupReader::begin_held(const PartitionPtr& partition) {
  // A plain commit that reaches the coordinator between a transaction's offsets and its end wins without a word, and
  // the outputs of what it knows nothing of come twice. It was built while nothing was in hand; that must stay so.
  if (options_.transacted && partition->committing && consumer_->commit_in_flight()) return false;
  const std::int64_t offset = partition->held.offset();
  int deaths = 0;
  if (partition->marks && watch_crashes()) {
    CrashMarks& marks = *partition->marks;
    const std::int64_t base = partition->tracker.base().value_or(offset);
    switch (guard_.may_begin(marks, offset, base, in_flight_.load(std::memory_order_relaxed), round_began_)) {
      case CrashGuard::Verdict::kGo:
        break;
      case CrashGuard::Verdict::kConvict:
        if (!condemn(*partition, offset)) return false;
        deaths = marks.deaths_of(offset);
        break;
      case CrashGuard::Verdict::kCommit:
        commit_soon_ = true;
        if (marks.open() && !marks.leased(offset)) {
          const bool handlers_are_idle = partition->tracker.in_flight() == 0;
          if (handlers_are_idle || !marks.stale(base, offset)) marks.widen();
        }
        return false;
      case CrashGuard::Verdict::kWait:
        if (guard_.waits_until()) report_probation(*partition, offset);
        return false;
    }
    // The next lease is asked for before this one is used up.
    if (!marks.leased(offset + marks.window() / 2)) commit_soon_ = true;
  }
  partition->tracker.read(offset);
  const std::size_t bytes = partition->held.bytes();
  partition->bytes_in_flight += bytes;
  recoveries_in_a_row_ = 0;
  grow(in_flight_, 1);
  begun_.push_back({partition, std::exchange(partition->held, {}), offset, bytes, deaths});
  return true;
}

bool GroupReader::condemn(Partition& partition, std::int64_t offset) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  if (partition.marks->condemn(duration_cast<std::chrono::seconds>(now).count())) return true;
  failure_.emplace(
      errc::handler_failed,
      fmt::format("{} [{}] at offset {}: processes died on this record too, as on {} others of the partition within an "
                  "hour; that is more likely the service's own fault than that of so many records. Find out why it "
                  "dies; WorkerOptions::crash_attempts = 0 handles the record again, however often the process dies",
                  partition.where.topic, partition.where.partition, offset, CrashMarks::Options().most_condemned));
  return false;
}

void GroupReader::report_probation(const Partition& partition, std::int64_t offset) {
  const auto until = guard_.waits_until();
  if (std::exchange(said_to_wait_until_, until) == until) return;
  reporter_.log(Severity::kWarning, "conveyor",
                fmt::format("{} [{}] at offset {}: a process died while this was the only record in its hands; nothing "
                            "is begun for {} ms (WorkerOptions::crash_probation), to see whether this process lives on "
                            "without it",
                            partition.where.topic, partition.where.partition, offset,
                            duration_cast<milliseconds>(*until - round_began_).count()));
}

void GroupReader::finish(Receipt receipt, std::optional<Transacted> committed) {
  settle({std::move(receipt), true, committed});
}
void GroupReader::give_up(Receipt receipt) { settle({std::move(receipt), false}); }

void GroupReader::settle(Settlement settlement) {
  bool wake = false;
  {
    const std::lock_guard lock{finished_mutex_};
    finished_.push_back(std::move(settlement));
    wake = finished_.size() == wake_at_;
  }
  if (wake) wakeup_->signal();
}

// Where partitions only wait for room, being woken for each record would cost more than the record: a quarter of what
// is in flight leaves the handlers enough to do meanwhile. Who watches for crashes wants to know of each.
std::size_t GroupReader::finished_before_waking() const noexcept {
  std::optional<std::size_t> least;
  for (const auto& partition : partitions_) {
    if (partition->marks) return 1;
    if (has_room(*partition)) continue;
    const std::size_t quarter = partition->tracker.in_flight() / 4;
    least = std::min(least.value_or(quarter), quarter);
  }
  return std::max<std::size_t>(least.value_or(1), 1);
}

void GroupReader::sleep(milliseconds within, std::size_t finished) {
  {
    const std::lock_guard lock{finished_mutex_};
    if (finished_.size() >= finished) return;
    wake_at_ = finished;
  }
  wakeup_->wait(within);
  const std::lock_guard lock{finished_mutex_};
  wake_at_ = kAwake;
}

void GroupReader::settle_finished() {
  {
    const std::lock_guard lock{finished_mutex_};
    settling_.swap(finished_);
  }
  std::uint64_t handled = 0;
  for (const auto& [receipt, done, committed] : settling_) {
    Partition& partition = *receipt.partition;
    if (!partition.ours.load(std::memory_order_relaxed)) {
      if (done) grow(stale_, 1);
    } else if (done) {
      partition.tracker.finish(receipt.offset);
      partition.bytes_in_flight -= receipt.bytes;
      ++handled;
      if (committed) {
        partition.tracker.committed(committed->offset);
        partition.log.stored();
        if (partition.marks) partition.marks->stored_lease(committed->lease_end);
      }
    } else {
      ++partition.dropped;
    }
  }
  settling_.clear();
  if (handled == 0) return;
  in_flight_.fetch_sub(handled, std::memory_order_relaxed);
  grow(handled_, handled);
}

std::vector<kafka::OffsetToCommit> GroupReader::to_commit(std::span<const PartitionPtr> partitions, Giving giving) {
  std::vector<kafka::OffsetToCommit> offsets;
  for (const auto& partition : partitions) {
    if (!partition->ours.load(std::memory_order_relaxed) || partition->in_doubt) continue;
    if (partition->log.doubts()) continue;
    // A plain commit beside a transaction that has the partition wins or loses without a word.
    const bool may_be_in_transaction = options_.transacted && giving == Giving::kKept;
    if (may_be_in_transaction && partition->tracker.in_flight() > 0) continue;
    const auto finished = partition->tracker.committable();
    if (!partition->marks) {
      const auto next = finished || !partition->keep_start ? finished : partition->tracker.base();
      if (next) offsets.push_back({partition->where, *next, began_note(*partition, *next)});
      continue;
    }
    const CrashMarks& marks = *partition->marks;
    auto base = partition->tracker.base();
    const bool held = static_cast<bool>(partition->held);
    if (!base && held) base = partition->held.offset();
    if (!base) continue;
    const std::int64_t next = held ? partition->held.offset() : *base;
    const bool news = giving == Giving::kBack ? marks.open() : watch_crashes() && held && marks.stale(*base, next);
    if (!finished && !news && !partition->keep_start) continue;
    const bool in_nobodys_hands = giving == Giving::kBack || (partition->keep_start && !held);
    CommitNote note = in_nobodys_hands || !watch_crashes() ? marks.closed_note(*base) : marks.note(*base, next);
    note.topic_began_with = partition->topic_began_with;
    note.done = partition->tracker.done_above();
    offsets.push_back({partition->where, *base, encode(note, largest_note())});
    partition->note_in_flight = std::move(note);
  }
  return offsets;
}

std::string GroupReader::began_note(const Partition& partition, std::int64_t offset) const {
  if (partition.topic_began_with == 0) return {};
  return encode({.offset = offset, .topic_began_with = partition.topic_began_with}, largest_note());
}

void GroupReader::commit_when_due(Clock::time_point now) {
  if ((now < next_commit_ && !commit_soon_) || consumer_->commit_in_flight()) return;
  if (consumer_->joining()) {
    next_commit_ = now + kCommitAgainAfter;
    return;
  }
  commit_soon_ = false;
  next_commit_ = now + options_.commit_every;
  auto offsets = to_commit(partitions_, Giving::kKept);
  leave_out_unverified(offsets, now);
  if (!offsets.empty() && !commit(offsets)) next_commit_ = now + kCommitAgainAfter;
}

bool GroupReader::commit(std::span<const kafka::OffsetToCommit> offsets, WhileJoining while_joining) {
  if (!consumer_->commit(offsets, while_joining)) return false;
  for (const auto& partition : partitions_) {
    const bool included = std::ranges::find(offsets, partition->where, &kafka::OffsetToCommit::where) != offsets.end();
    if (included) partition->log.committing();
    partition->committing = included;
  }
  return true;
}

void GroupReader::on_commit_outcome(const kafka::CommitOutcome& outcome) {
  for (const auto& [topic, partition] : outcome.unknown) doubt_topic(topic);
  for (const auto& partition : partitions_) {
    partition->committing = false;
    const auto note = std::exchange(partition->note_in_flight, std::nullopt);
    const auto stored = std::ranges::find(outcome.committed, partition->where, &kafka::OffsetToCommit::where);
    if (stored == outcome.committed.end()) continue;
    partition->tracker.committed(stored->next);
    partition->keep_start = false;
    partition->log.stored();
    if (partition->marks && note) partition->marks->stored(*note);
  }
}

// The broker allows less than usual (offset.metadata.max.bytes).
void GroupReader::shorten_notes() {
  const std::size_t largest = largest_note() > kShortNote ? kShortNote : 0;
  largest_note_ = largest;
  reporter_.log(Severity::kWarning, "conveyor",
                largest > 0
                    ? "the brokers' offset.metadata.max.bytes is below 4096: records finished out of order may "
                      "come again after a restart"
                    : "the brokers' offset.metadata.max.bytes leaves no room for notes: a record that kills the "
                      "process will not be recognised");
}

rd_kafka_resp_err_t GroupReader::take_commit_result(milliseconds within) {
  const auto outcome = consumer_->poll_commit(within);
  if (!outcome) return RD_KAFKA_RESP_ERR_NO_ERROR;
  on_commit_outcome(*outcome);
  if (outcome->error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    commits_.fetch_add(1, std::memory_order_relaxed);
    commit_errors_said_.over();
    return outcome->error;
  }
  commit_errors_.fetch_add(1, std::memory_order_relaxed);
  // What waits for it should not wait long.
  next_commit_ = std::min(next_commit_, Clock::now() + kCommitAgainAfter);
  if (outcome->error == RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE && largest_note() > 0) shorten_notes();
  if (!commit_errors_said_.must_say(outcome->error, Clock::now())) return outcome->error;
  const bool lost = kafka::means_lost(outcome->error) && !kafka::means_next_generation(outcome->error);
  const std::string text =
      fmt::format("offsets were not committed: {}; {}", rd_kafka_err2str(outcome->error),
                  lost ? "the partitions belong to another member now" : "they will be tried again");
  reporter_.report(
      {.kind = Event::Kind::kCommitFailed, .error = kafka::errc_of(outcome->error, errc::retryable), .text = text},
      Severity::kWarning);
  if (const auto code = kafka::commit_never_accepted(outcome->error); code && !failure_) {
    failure_.emplace(*code, fmt::format("{} (group {}, topics {}); {}", text, config_.group,
                                        fmt::join(options_.topics, ", "), kafka::meaning_of(outcome->error).advice));
  }
  return outcome->error;
}

// Commits what is finished of partitions that are given back, and waits for the answer. @return whether it is stored
bool GroupReader::commit_last(std::span<const PartitionPtr> partitions, Clock::time_point deadline,
                              milliseconds rebalance_patience) {
  auto start = Clock::now();
  const auto doubts = [&] {
    return std::ranges::any_of(partitions, [](const auto& partition) { return partition->log.doubts(); });
  };
  int verifications = 0;  // once more where a commit was answered with a doubt
  while (true) {
    auto left = time_left(deadline);
    if (consumer_->commit_in_flight()) {
      const auto error = take_commit_result(std::min(left, milliseconds(50)));
      if (kafka::commit_never_accepted(error)) return false;  // within the time that is left
      const bool next_generation = kafka::means_next_generation(error);
      if (kafka::means_lost(error) && (!next_generation || consumer_->lost())) return false;
      // While the group rebalances, a member that waits here does not rejoin it.
      const bool rebalancing = next_generation || error == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;
      if (rebalancing && Clock::now() - start > rebalance_patience) return false;
      // The coordinator is moving, or the group is rebalancing: give it a moment.
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) std::this_thread::sleep_for(std::min(left, milliseconds(50)));
    }
    if (consumer_->commit_in_flight()) {
      if (left.count() == 0) return false;
      continue;
    }
    auto offsets = to_commit(partitions, Giving::kBack);
    const auto must_verify = [&](const auto& partition) { return GroupReader::must_verify(*partition, offsets); };
    if (verifications == 0 || (verifications == 1 && doubts()) ||
        (left.count() > 0 && std::ranges::any_of(partitions, must_verify))) {
      const auto asked_at = Clock::now();
      const auto most = hurry_ ? kLastCommitWithin : kVerifyWithin;
      verify(partitions, offsets, std::clamp(left - kLastCommitWithin, kLastCommitWithin, most));
      const auto spent = std::min<Clock::duration>(Clock::now() - asked_at, kLastCommitWithin);
      start += spent;
      if (++verifications <= 2) deadline += spent;
      left = time_left(deadline);
      offsets = to_commit(partitions, Giving::kBack);
    }
    if (offsets.empty()) return !doubts();
    if (left.count() == 0) return false;
    // Better refused than not tried.
    const bool last_try = left <= kLastTryWithin;
    if ((!last_try && consumer_->joining()) || !commit(offsets, last_try ? WhileJoining::kTry : WhileJoining::kDoNot)) {
      if (last_try || consumer_->failed()) return false;
      std::this_thread::sleep_for(milliseconds(10));
    }
  }
}

void GroupReader::wait_for_handlers(std::span<const PartitionPtr> partitions, Clock::time_point deadline) {
  const auto start = Clock::now();
  while (true) {
    settle_finished();
    const bool idle = std::ranges::all_of(partitions, [](const auto& partition) { return partition->begun() == 0; });
    if (hurry_) deadline = std::min(deadline, start + kHurriedDrain);
    const auto left = duration_cast<milliseconds>(deadline - Clock::now());
    if (idle || left.count() <= 0) return;
    sleep(std::min(left, kLongestSleep), 1);
  }
}

void GroupReader::on_assigned(std::vector<kafka::Assigned> given) {
  rebalances_.fetch_add(1, std::memory_order_relaxed);
  startup_.assigned();
  instance_watch_.joined();
  std::vector<std::optional<CommitNote>> notes;
  for (const auto& one : given) {
    const auto& [committed, start, metadata, began_with, keep] = one.place;
    notes.push_back(committed && options_.notes ? decode_note(metadata, *committed) : std::nullopt);
    if (notes.back() && ((notes.back()->open && notes.back()->suspect) || notes.back()->waits)) {
      runs_that_told_.insert(notes.back()->run);
    }
  }
  const std::size_t held_before = partitions_.size();
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto& one = given[i];
    missing_topics_.erase(std::string(one.where.topic));
    const auto committed = one.place.committed;
    const std::string text = fmt::format("assigned {} [{}], from offset {}", one.where.topic, one.where.partition,
                                         committed ? std::to_string(*committed) : "(none committed)");
    reporter_.report({.kind = Event::Kind::kAssigned,
                      .topic = one.where.topic,
                      .partition = one.where.partition,
                      .offset = committed.value_or(-1),
                      .text = text},
                     Severity::kInfo);
    OffsetTracker tracker(one.place.start, notes[i] ? std::exchange(notes[i]->done, {}) : std::vector<OffsetRange>());
    partitions_.push_back(
        std::make_shared<Partition>(one.where, std::move(tracker), std::move(one.queue), consumer_, one.at_once));
    Partition& partition = *partitions_.back();
    partition.topic_began_with = one.place.topic_began_with;
    partition.keep_start = one.place.keep;
    // It may be of this partition as it was held before, and be accepted in the same generation.
    partition.committing = consumer_->commit_in_flight();
    commit_soon_ = commit_soon_ || partition.keep_start;
    if (one.place.committed) partition.log.stored();
    if (!one.place.committed) partition.began_at = one.place.start;
    if (options_.notes) watch(partition, notes[i]);
  }
  limit_probing(std::span(partitions_).subspan(held_before));
  assigned_ = partitions_.size();
}

void GroupReader::watch(Partition& partition, const std::optional<CommitNote>& found) {
  const auto widest = static_cast<std::int64_t>(most_tracked_);
  const CrashMarks::Options options{
      .run = run_, .attempts = options_.crash_attempts, .window = kLease, .widest = widest};
  CrashMarks& marks = partition.marks.emplace(options, found, found && runs_that_told_.contains(found->run));
  if (watch_crashes()) guard_.add(marks);
}

// What was not in the log yet killed nobody. Without an answer more is handled one at a time than need be.
void GroupReader::limit_probing(std::span<const PartitionPtr> assigned) {
  if (!watch_crashes()) return;
  const auto base = [](const Partition& partition) { return partition.tracker.base().value_or(0); };
  std::vector<PartitionPtr> probing;
  std::vector<kafka::TopicPartition> logs;
  for (const auto& partition : assigned) {
    if (!partition->marks || !partition->marks->probing(base(*partition))) continue;
    probing.push_back(partition);
    logs.push_back(partition->where);
  }
  const auto ends = consumer_->log_ends(logs, kLogEndsWithin);
  for (std::size_t i = 0; i < probing.size(); ++i) {
    if (ends[i]) probing[i]->marks->log_ended_at(*ends[i]);
    if (probing[i]->marks->probing(base(*probing[i]))) report_probing(*probing[i], base(*probing[i]));
  }
}

void GroupReader::report_probing(const Partition& partition, std::int64_t base) {
  const std::string text = fmt::format(
      "{} [{}]: a process that handled it died; records from offset {} on are handled one at a time until "
      "it is clear that none of them did it",
      partition.where.topic, partition.where.partition, base);
  reporter_.report({.kind = Event::Kind::kProbing,
                    .topic = partition.where.topic,
                    .partition = partition.where.partition,
                    .offset = base,
                    .text = text},
                   Severity::kWarning);
}

void GroupReader::begin_no_more_of(Partition& partition) {
  partition.leaving = true;
  partition.dropped += receiver_.drop(partition);
}

// Its records must be gone before the client is.
void GroupReader::let_go(Partition& partition) {
  stall_watch_.forget(key_of(partition.where));
  if (partition.retention.has_gaps()) look_at_log_start(partition, Clock::now());
  partition.ours = false;
  partition.held = {};
  partition.ahead.clear();
  if (partition.marks) guard_.remove(*partition.marks);
  kafka::GroupConsumer::release(partition.queue);
}

void GroupReader::on_revoked(std::span<const kafka::TopicPartition> gone, bool lost) {
  if (lost) {
    reporter_.log(Severity::kWarning, "conveyor",
                  "the group went on without this member, and what it had not committed comes again; where a member is "
                  "silent because its machine has no time for it, raise the Kafka property session.timeout.ms (with "
                  "group.protocol=consumer the brokers' group.consumer.session.timeout.ms)");
  }
  give_back(gone, lost, options_.revoke_within);
}

void GroupReader::give_back(std::span<const kafka::TopicPartition> gone, bool lost, milliseconds within) {
  rebalances_.fetch_add(1, std::memory_order_relaxed);
  std::vector<PartitionPtr> leaving;
  for (const auto& partition : partitions_) {
    if (std::ranges::find(gone, partition->where) != gone.end()) leaving.push_back(partition);
  }
  for (const auto& partition : leaving) begin_no_more_of(*partition);
  const RevokeBudget budget(Clock::now(), consumer_->max_poll_interval());
  if (!lost) {
    wait_for_handlers(leaving, budget.handlers(Clock::now(), within));
    release(leaving, budget);
    settle_finished();
    commit_last(leaving, budget.commit(Clock::now(), std::max(kCommitWithin, within)), kRebalancePatience);
  }
  if (lost) release(leaving, budget);
  for (const auto& partition : leaving) {
    partition->gone.request_stop();
    in_flight_.fetch_sub(partition->tracker.in_flight(), std::memory_order_relaxed);
    let_go(*partition);
    report_gone(*partition, lost ? Event::Kind::kLost : Event::Kind::kRevoked);
  }
  std::erase_if(partitions_, [](const auto& partition) { return !partition->ours; });
  assigned_ = partitions_.size();
}

void GroupReader::release(std::span<const PartitionPtr> partitions, const RevokeBudget& budget) {
  const auto now = Clock::now();
  receiver_.release(partitions, std::max(duration_cast<milliseconds>(budget.transaction(now, 24h) - now), 0ms));
}

void GroupReader::report_gone(const Partition& partition, Event::Kind kind) {
  const bool lost = kind == Event::Kind::kLost;
  const std::string text = fmt::format("{} {} [{}], {} records unfinished", lost ? "lost" : "gave back",
                                       partition.where.topic, partition.where.partition, partition.tracker.in_flight());
  reporter_.report({.kind = kind, .topic = partition.where.topic, .partition = partition.where.partition, .text = text},
                   lost ? Severity::kWarning : Severity::kInfo);
}

void GroupReader::on_error(rd_kafka_resp_err_t error, std::string_view text, std::string_view topic) {
  if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;  // of a partition that is not ours any more
  using Action = kafka::GroupErrorMeaning::Action;
  const kafka::GroupErrorMeaning meaning = kafka::meaning_of(error);
  switch (meaning.action) {
    case Action::kMakeAnew:
      return broken(std::string(text));
    case Action::kInstanceInUse:
      if (!instance_watch_.in_use(Clock::now())) return broken(std::string(text));
      [[fallthrough]];
    case Action::kEnd: {
      const std::string topics =
          meaning.code == errc::not_authorized ? fmt::format(" (topics {})", fmt::join(options_.topics, ", ")) : "";
      failure_.emplace(meaning.code, fmt::format("{}{}; {}", text, topics, meaning.advice));
      return;
    }
    case Action::kTopicMissing:
      return on_missing(topic.empty() ? topic_named_in(text) : topic);
    case Action::kReport:
      if (topic.empty()) return;  // reported already
      reporter_.report({.kind = Event::Kind::kClientError,
                        .topic = topic,
                        .error = kafka::errc_of(error, errc::retryable),
                        .text = text},
                       Severity::kWarning);
  }
}

void GroupReader::on_partition_error(const Partition& partition, const kafka::Received& record) {
  const auto& [topic, number] = partition.where;
  if (kafka::meaning_of(record.error()).action != kafka::GroupErrorMeaning::Action::kReport) {
    return on_error(record.error(), record.error_text(), topic);
  }
  const std::string text = fmt::format("{} [{}] at offset {}: {}", topic, number, record.offset(), record.error_text());
  reporter_.report({.kind = Event::Kind::kClientError,
                    .topic = topic,
                    .partition = number,
                    .offset = record.offset(),
                    .error = kafka::errc_of(record.error(), errc::retryable),
                    .text = text},
                   Severity::kWarning);
}

void GroupReader::drop_ahead(Partition& partition) {
  while (!partition.ahead.empty()) {
    const kafka::Received record = partition.ahead.next(partition.queue.get());
    const auto error = record.error();
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      on_partition_error(partition, record);
    }
  }
}

// "Subscribed topic not available: NAME: Broker: ..." is all the client says of a topic that it never found.
std::string_view GroupReader::topic_named_in(std::string_view text) const {
  const auto named = [&](const std::string& topic) { return text.find(": " + topic + ": ") != std::string_view::npos; };
  const auto found = std::ranges::find_if(options_.topics, named);
  return found != options_.topics.end() ? std::string_view(*found) : std::string_view();
}

void GroupReader::on_missing(std::string_view topic) {
  startup_.topic_missing();
  doubt_topic(topic);
  if (!missing_topics_.emplace(topic).second) return;
  const bool create = consumer_->may_create_topics();
  reporter_.report({.kind = Event::Kind::kTopicMissing,
                    .topic = topic,
                    .error = errc::unknown_topic,
                    .text = fmt::format("topic {} does not exist on {} yet; {}", topic, bootstrap_servers_,
                                        create ? "asking for it" : "waiting for it")},
                   create ? Severity::kInfo : Severity::kWarning);
  if (!create) return;
  // Subscribing does not create topics in librdkafka 2.0.2, whatever allow.auto.create.topics says.
  for (const auto& each : options_.topics) static_cast<void>(consumer_->ask_for_topic(each, milliseconds(1'000)));
}

// With group.protocol=consumer the client says nothing of topics that do not exist.
void GroupReader::ask_for_topics() {
  for (const auto& topic : options_.topics) {
    const errc code = kafka::errc_of(consumer_->ask_for_topic(topic, kTopicWithin), errc::ok);
    if (code == errc::unknown_topic) on_missing(topic);
    if (code == errc::broker_unreachable || code == errc::timed_out) return;
  }
}

void GroupReader::look_for_topics() {
  for (const auto& topic : options_.topics) {
    auto error = consumer_->ask_for_topic(topic, kTopicWithin);
    // Where asking creates it, it is there a moment later.
    const auto deadline = Clock::now() + kTopicCreatedWithin;
    while (kafka::errc_of(error, errc::ok) == errc::unknown_topic && consumer_->may_create_topics() &&
           Clock::now() < deadline) {
      std::this_thread::sleep_for(kCommitAgainAfter);
      error = consumer_->ask_for_topic(topic, kTopicWithin);
    }
    const errc code = kafka::errc_of(error, errc::ok);
    if (code == errc::unknown_topic) {
      failure_.emplace(
          errc::unknown_topic,
          fmt::format("topic {} does not exist on {} (waited {} ms for it); create it, check the channel's "
                      "name and Config::topic_prefix, or raise wait_for_topic",
                      topic, bootstrap_servers_, options_.wait_for_topic.count()));
    } else if (code == errc::not_authorized) {
      failure_.emplace(code, fmt::format("topic {} on {}: {}", topic, bootstrap_servers_, rd_kafka_err2str(error)));
    } else if (code == errc::broker_unreachable || code == errc::timed_out) {
      failure_.emplace(kafka::unreachable(consumer_->reporter(), bootstrap_servers_, options_.wait_for_topic));
    }
    if (failure_) return;
  }
  startup_.satisfied();
}

void GroupReader::stop_reading(milliseconds drain_within) {
  // Who may not read can commit nothing: what is in hand, in handlers or a transaction, comes again in any case.
  if (failure_ && failure_->code() == errc::not_authorized) hurry_ = true;
  const auto deadline = Clock::now() + drain_within;
  for (const auto& partition : partitions_) {
    begin_no_more_of(*partition);
    partition->gone.request_stop();
  }
  wait_for_handlers(partitions_, deadline);
  receiver_.release(partitions_, 24h);
  settle_finished();
  // All of the time that is left: where members come and go it can take that long until the group tells us our place,
  // and what is not committed comes twice, one record at a time. Nobody waits for us to rejoin: we leave.
  const auto commit_within = std::max(duration_cast<milliseconds>(deadline - Clock::now()), kLastCommitWithin);
  all_committed_ = commit_last(partitions_, Clock::now() + commit_within, commit_within);
  std::size_t left = 0;
  for (const auto& partition : partitions_) left += partition->tracker.in_flight();
  left_ = left;
  for (const auto& partition : partitions_) {
    let_go(*partition);
    report_gone(*partition, Event::Kind::kRevoked);
  }
  partitions_.clear();
  assigned_ = 0;
  left_in_time_ = consumer_->leave(kCloseWithin);
  if (!left_in_time_) {
    reporter_.log(Severity::kWarning, "conveyor", "leaving the group was not confirmed in time");
  }
}

void GroupReader::make_consumer() {
  const kafka::GroupOptions options{
      .topics = options_.topics,
      .places = {.from_latest = options_.start_at == StartAt::kLatest, .partitions_in = &topic_began_with},
      .places_within = options_.places_within};
  auto made = std::make_shared<kafka::GroupConsumer>(config_, options, *wakeup_);
  const std::lock_guard lock{consumer_mutex_};
  consumer_ = std::move(made);
}

void GroupReader::broken(std::string why) {
  if (broken_) return;
  thread_local std::minstd_rand random{std::random_device{}()};
  const RetryPolicy backoff({.first_wait = milliseconds(100), .longest_wait = milliseconds(30'000)});
  const auto wait = backoff.wait_after(++recoveries_in_a_row_, std::uniform_real_distribution<double>(0, 1)(random));
  reporter_.log(
      Severity::kError, "conveyor",
      fmt::format("the consumer's Kafka client cannot go on and is made anew in {} ms: {}", wait.count(), why));
  broken_ = std::move(why);
  recover_at_ = Clock::now() + wait;
}

// The old client leaves the group, so that its heartbeats do not keep the partitions, and goes when the last record it
// has read is gone. Nobody waits for it.
void GroupReader::recover_when_due(Clock::time_point now) {
  if (!broken_ || now < recover_at_) return;
  // Nothing is given up for a client that could not be made, for want of a file with a certificate for one.
  try {
    kafka::GroupConsumer::check(config_);
  } catch (const Error& error) {
    broken_.reset();
    return broken(error.what());
  }
  std::vector<kafka::TopicPartition> all;
  for (const auto& partition : partitions_) all.push_back(partition->where);
  // One that only stands still can commit: without the closing mark the next owner would take us for dead.
  give_back(all, consumer_->failed(), kCommitWithin);
  consumer_->leave(milliseconds(0));
  const std::string why = *std::exchange(broken_, std::nullopt);
  try {
    make_consumer();
  } catch (const Error& error) {
    return broken(error.what());
  }
  log_ends_.forget();
  questions_.forget();
  checks_.forget();
  recoveries_.fetch_add(1, std::memory_order_relaxed);
  reporter_.report({.kind = Event::Kind::kRecovered,
                    .error = errc::fatal,
                    .text = fmt::format("the consumer's Kafka client was made anew: {}", why)},
                   Severity::kWarning);
}

milliseconds GroupReader::sleep_for(Clock::time_point now) const {
  auto until = now + kLongestSleep;
  if (const auto due = startup_.due()) until = std::min(until, std::max(*due, now));
  // Something may be waiting to be committed.
  until = std::min(until, std::max(next_commit_, now));
  if (broken_) until = std::min(until, std::max(recover_at_, now));
  if (const auto waits = guard_.waits_until()) until = std::min(until, std::max(*waits, now));
  return std::max(duration_cast<milliseconds>(until - now), milliseconds(1));
}

ConsumerCounters GroupReader::counters() const noexcept {
  return {.received = received_,
          .received_bytes = received_bytes_,
          .handled = handled_,
          .decode_errors = handler_counters_.decode_errors,
          .tombstones = handler_counters_.tombstones,
          .handler_errors = handler_counters_.handler_errors,
          .stale = stale_,
          .commits = commits_,
          .commit_errors = commit_errors_,
          .rebalances = rebalances_,
          .in_flight = in_flight_,
          .partitions = assigned_,
          .recoveries = recoveries_,
          .expired = expired_};
}

}  // namespace conveyor::worker
