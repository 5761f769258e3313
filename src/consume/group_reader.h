#ifndef CONVEYOR_SRC_CONSUME_GROUP_READER_H_
#define CONVEYOR_SRC_CONSUME_GROUP_READER_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "consume/crash_guard.h"
#include "consume/log_lookup.h"
#include "consume/partition.h"
#include "consume/revoke_budget.h"
#include "consume/stall_watch.h"
#include "consume/startup_watch.h"
#include "conveyor/config.h"
#include "conveyor/consumer.h"
#include "conveyor/counters.h"
#include "kafka/group_consumer.h"
#include "kafka/group_errors.h"
#include "kafka/wakeup.h"

namespace conveyor::worker {

/// Takes records from a GroupReader. Called on the reader's thread; must not wait.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// @param incoming of one partition, in its order; is taken from
  virtual void receive(std::span<Incoming> incoming) = 0;
  /// Nothing more of this partition shall be begun. @return how many records were thrown away unbegun
  virtual std::size_t drop(const Partition& partition) = 0;
  /// These partitions go: from the return on nothing of them may be committed but by the reader.
  /// @param within at most so much time
  virtual void release(std::span<const PartitionPtr>, std::chrono::milliseconds /*within*/) {}
};

struct ReaderOptions {
  std::vector<std::string> topics = {};  ///< with their prefix
  StartAt start_at = StartAt::kEarliest;
  std::size_t max_in_flight = 256;  ///< per partition
  std::size_t max_in_flight_bytes = std::size_t{16} << 20;
  std::chrono::milliseconds commit_every{1'000};
  std::chrono::milliseconds revoke_within{30'000};
  std::chrono::milliseconds wait_for_topic{30'000};
  std::chrono::milliseconds places_within{15'000};  ///< see kafka::GroupOptions
  bool notes = false;                               ///< commits carry a CommitNote
  /// What is finished is committed in transactions by somebody else, who says so: see GroupReader::finish.
  bool transacted = false;
  /// After standing still so long while the log grows the client is made anew; 0: never.
  std::chrono::milliseconds stalled_after{60'000};
  /// How long a log must be shorter than what was read of it until it is taken for another one: see LogWatch.
  std::chrono::milliseconds shorter_log_after{30'000};
  int crash_attempts = 0;  ///< deaths on one record after which it is not to be handled any more; 0: not watched
  /// As WorkerOptions::crash_probation.
  std::chrono::milliseconds crash_probation{10'000};
};

/// A member of a consumer group: reads its partitions within bounds, hands the records to a Receiver, and commits what
/// is reported as finished. One thread calls run(); all decisions are made on it.
///
/// Thread safety: finish(), wake() and counters() may be called from any thread.
class GroupReader final : private kafka::GroupConsumer::Listener {
 public:
  GroupReader(const Config& config, ReaderOptions options, Receiver& receiver);
  ~GroupReader() override;

  /// Reads until `stop`, then gives `drain` up to its time to let what was begun finish, commits and leaves the group.
  /// @throws Error what ended it; what was finished before is committed
  void run(const std::stop_token& stop, std::chrono::milliseconds drain_within);

  /// What a transaction has committed of a partition, with a CrashMarks::plain_note.
  struct Transacted {
    std::int64_t offset = 0;
    std::int64_t lease_end = 0;
  };
  /// The record is done: its offset may be committed, or is.
  void finish(Receipt receipt, std::optional<Transacted> committed = {});
  /// The record will not be done by this member: nothing from it on may be committed.
  void give_up(Receipt receipt);
  /// For transactions; as GroupConsumer's. May be called from any thread while run() runs.
  [[nodiscard]] kafka::GroupMetadata group_metadata() const { return consumer()->group_metadata(); }
  [[nodiscard]] std::vector<kafka::OffsetToCommit> committed(std::span<const kafka::TopicPartition> partitions,
                                                             std::chrono::milliseconds within) const {
    return consumer()->committed(partitions, within);
  }
  /// The present one; it may be replaced at any time. May be called from any thread.
  [[nodiscard]] std::shared_ptr<kafka::GroupConsumer> consumer() const {
    const std::lock_guard lock{consumer_mutex_};
    return consumer_;
  }
  void wake() noexcept { wakeup_->signal(); }
  /// Some of what was begun will never be finished nor given up: the end of run() waits for it no longer than for a
  /// moment. May be called from any thread.
  void hurry() noexcept {
    hurry_ = true;
    wakeup_->signal();
  }
  /// What the brokers take beside an offset, in bytes. May be called from any thread.
  [[nodiscard]] std::size_t largest_note() const noexcept { return largest_note_.load(std::memory_order_relaxed); }
  /// They took less. May be called from any thread.
  void shorten_notes();

  /// Read and not finished when run() ended.
  [[nodiscard]] std::size_t left() const noexcept { return left_.load(); }
  /// The commit of what was finished was confirmed when run() ended.
  [[nodiscard]] bool all_committed() const noexcept { return all_committed_.load(); }

  [[nodiscard]] ConsumerCounters counters() const noexcept;
  /// Counted by those who handle.
  struct HandlerCounters {
    std::atomic<std::uint64_t> decode_errors{0};
    std::atomic<std::uint64_t> tombstones{0};
    std::atomic<std::uint64_t> handler_errors{0};
  };
  HandlerCounters& handler_counters() noexcept { return handler_counters_; }
  [[nodiscard]] kafka::Reporter& reporter() const noexcept { return reporter_; }

 private:
  using Clock = std::chrono::steady_clock;

  void on_assigned(std::vector<kafka::Assigned> partitions) override;
  void on_revoked(std::span<const kafka::TopicPartition> partitions, bool lost) override;
  void on_error(rd_kafka_resp_err_t error, std::string_view text, std::string_view topic) override;

  /// What came by a partition's queue instead of a record.
  void on_partition_error(const Partition& partition, const kafka::Received& record);
  /// Errors that were read ahead are told; records come again.
  void drop_ahead(Partition& partition);

  void give_back(std::span<const kafka::TopicPartition> gone, bool lost, std::chrono::milliseconds within);
  void release(std::span<const PartitionPtr> partitions, const RevokeBudget& budget);

  bool read_some();
  bool read_some_of(const PartitionPtr& partition);
  bool begin_some_of(const PartitionPtr& partition);
  void hand_over();
  [[nodiscard]] bool has_room(const Partition& partition) const noexcept;
  /// Reads ahead of the partition's queue by one record. @return false when there is none
  bool hold_next(Partition& partition);
  /// @return false when it must wait
  bool begin_held(const PartitionPtr& partition);
  /// A record on which runs died. @return whether it may be given up
  bool condemn(Partition& partition, std::int64_t offset);
  void report_probation(const Partition& partition, std::int64_t offset);
  [[nodiscard]] bool watch_crashes() const noexcept { return options_.crash_attempts > 0 && largest_note() > 0; }
  void settle_finished();
  void commit_when_due(Clock::time_point now);
  using WhileJoining = kafka::GroupConsumer::WhileJoining;
  bool commit(std::span<const kafka::OffsetToCommit> offsets, WhileJoining while_joining = WhileJoining::kDoNot);
  /// @return the error of the commit that ended within the time, if one did
  rd_kafka_resp_err_t take_commit_result(std::chrono::milliseconds within);
  bool commit_last(std::span<const PartitionPtr> partitions, Clock::time_point deadline,
                   std::chrono::milliseconds rebalance_patience);
  void wait_for_handlers(std::span<const PartitionPtr> partitions, Clock::time_point deadline);
  enum class Giving { kKept, kBack };
  /// What is to be committed of these partitions. @param giving back: nothing of them will be in our hands any more
  [[nodiscard]] std::vector<kafka::OffsetToCommit> to_commit(std::span<const PartitionPtr> partitions, Giving giving);
  /// What a commit without a CommitNote must say nevertheless.
  [[nodiscard]] std::string began_note(const Partition& partition, std::int64_t offset) const;
  void on_commit_outcome(const kafka::CommitOutcome& outcome);
  void watch(Partition& partition, const std::optional<CommitNote>& found);
  void limit_probing(std::span<const PartitionPtr> assigned);
  void report_probing(const Partition& partition, std::int64_t base);
  void begin_no_more_of(Partition& partition);
  void let_go(Partition& partition);
  [[nodiscard]] std::string_view topic_named_in(std::string_view text) const;
  void report_gone(const Partition& partition, Event::Kind kind);
  void on_missing(std::string_view topic);
  void ask_for_topics();
  void look_for_topics();
  void stop_reading(std::chrono::milliseconds drain_within);
  [[nodiscard]] std::chrono::milliseconds sleep_for(Clock::time_point now) const;
  [[nodiscard]] std::size_t finished_before_waking() const noexcept;
  /// Until so many records are finished, something else happens, or the time is over.
  void sleep(std::chrono::milliseconds within, std::size_t finished);

  void make_consumer();
  void recover_when_due(Clock::time_point now);
  void broken(std::string why);

  // In group_reader_log.cc.
  void at_end(Partition& partition, std::int64_t offset);
  void look_for_deleted(Partition& partition, std::int64_t position, std::int64_t next);
  void look_at_log_start(Partition& partition, Clock::time_point now);
  void report_deleted(const Partition& partition, const OffsetRange& deleted);
  void look_for_log_starts(Clock::time_point now);
  void doubt(Partition& partition, void (LogWatch::*sign)() noexcept);
  void doubt_topic(std::string_view topic);
  void ask_about_logs(Clock::time_point now);
  void leave_out_unverified(std::vector<kafka::OffsetToCommit>& offsets, Clock::time_point now);
  [[nodiscard]] static bool must_verify(const Partition& partition, std::span<const kafka::OffsetToCommit> offsets);
  void verify(std::span<const PartitionPtr> partitions, std::span<const kafka::OffsetToCommit> offsets,
              std::chrono::milliseconds within);
  void ask_for_stored(std::vector<PartitionPtr>& partitions, std::chrono::milliseconds at_most);
  /// A partition whose log is another one, or shorter than what was read of it.
  struct Replaced {
    PartitionPtr partition;
    std::int64_t position = 0;
    kafka::LogRange log = {};
    bool committed = false;  ///< the group still has an offset of it
  };
  [[nodiscard]] std::optional<Replaced> on_answer(const LogLookup::Question& answered, Clock::time_point now);
  void seek_back(Partition& partition, std::int64_t position, std::int64_t end, bool was_shorter);
  void start_over(std::span<const Replaced> replaced);
  void start_over(const Replaced& replaced, std::optional<std::int64_t> stored);
  void report_replaced(const Replaced& replaced);
  [[nodiscard]] bool waits_for_records(const Partition& partition) const noexcept;
  void look_for_stalls(Clock::time_point now);
  void look_for_stall(const LogLookup::Question& asked, Clock::time_point now);
  using PartitionKey = std::pair<std::string_view, std::int32_t>;
  [[nodiscard]] static PartitionKey key_of(const kafka::TopicPartition& where) {
    return {where.topic, where.partition};
  }

  const Config config_;
  const std::string bootstrap_servers_;
  const ReaderOptions options_;
  mutable kafka::Reporter reporter_;
  Receiver& receiver_;
  const std::size_t most_tracked_;  // records of a partition from the first that is not finished on
  const std::shared_ptr<kafka::Wakeup> wakeup_;
  mutable std::mutex consumer_mutex_;
  std::shared_ptr<kafka::GroupConsumer> consumer_;
  // Why the client cannot go on, and when another one is made.
  std::optional<std::string> broken_;
  Clock::time_point recover_at_ = {};
  int recoveries_in_a_row_ = 0;
  LogLookup log_ends_;   // for the stall watch
  LogLookup questions_;  // of partitions' LogWatch
  LogLookup checks_;     // the same, before a commit
  bool doubts_ = false;  // some partition's
  int questions_unanswered_ = 0;
  Clock::time_point next_look_for_starts_ = {};
  StallWatch<PartitionKey> stall_watch_;
  StartupWatch startup_;
  std::vector<PartitionPtr> partitions_;
  std::vector<Incoming> begun_;  // and not handed over yet; all of one partition
  Clock::time_point next_commit_;
  bool commit_soon_ = false;  // something waits for a commit
  CrashGuard guard_;
  Clock::time_point round_began_ = {};  // of reading all partitions: in between, time stands still
  std::optional<Clock::time_point> said_to_wait_until_;
  const std::uint64_t run_;
  std::set<std::uint64_t> runs_that_told_;  // in notes we found: of a suspect, or that they had nothing in hand
  std::atomic<std::size_t> largest_note_{kLargestNote};
  std::set<std::string, std::less<>> missing_topics_;
  std::optional<Error> failure_;
  kafka::InstanceWatch instance_watch_;
  kafka::Repetition<rd_kafka_resp_err_t> commit_errors_said_{std::chrono::seconds(30)};

  struct Settlement {
    Receipt receipt;
    bool done = false;
    std::optional<Transacted> committed = {};
  };
  void settle(Settlement settlement);

  static constexpr std::size_t kAwake = 0;  // looks at finished_ before it sleeps

  std::mutex finished_mutex_;
  std::size_t wake_at_ = kAwake;  // the size of finished_ that wakes the reader
  std::vector<Settlement> finished_;
  std::vector<Settlement> settling_;  // swapped with finished_, so that neither allocates for long

  HandlerCounters handler_counters_;
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> received_bytes_{0};
  std::atomic<std::uint64_t> handled_{0};
  std::atomic<std::uint64_t> stale_{0};
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> commit_errors_{0};
  std::atomic<std::uint64_t> rebalances_{0};
  std::atomic<std::uint64_t> recoveries_{0};
  std::atomic<std::uint64_t> expired_{0};
  std::atomic<std::uint64_t> in_flight_{0};
  std::atomic<std::uint64_t> assigned_{0};
  std::atomic<std::size_t> left_{0};
  std::atomic<bool> all_committed_{true};
  std::atomic<bool> hurry_{false};
  bool left_in_time_ = true;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_GROUP_READER_H_
