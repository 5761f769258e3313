#ifndef CONVEYOR_SRC_CONSUME_OFFSET_COMMITTER_H_
#define CONVEYOR_SRC_CONSUME_OFFSET_COMMITTER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "consume/member_context.h"
#include "consume/replaced_log_check.h"
#include "kafka/group_errors.h"

namespace conveyor::worker {

/// Commits the finished records of a member's partitions: at intervals, when something waits for a commit, and a last
/// time when partitions are revoked.
class OffsetCommitter {
 public:
  OffsetCommitter(const MemberContext& member, ReplacedLogCheck& logs)
      : member_(member), logs_(logs), next_(member.clock.now() + member.options.commit_interval) {}

  /// Begins a commit if one is due. Does not wait.
  void commit_when_due(MemberClock::time_point now);
  /// Takes the result of the commit in flight, if it has arrived. No other commit begins before it has: a commit that the
  /// group does not answer holds the next ones up until librdkafka ends it with an error, and records go on being handled.
  void take_result() { take_result(std::chrono::milliseconds(0)); }
  /// Something waits for a commit: the next one is due at once.
  void soon() noexcept { soon_ = true; }
  [[nodiscard]] MemberClock::time_point next() const noexcept { return next_; }

  /// Commits the finished records of partitions that are being revoked, and waits for the result.
  /// @param rebalance_patience how long to retry while the group rebalances
  /// @param hurry set by any thread: little time is left
  /// @return whether everything is committed
  [[nodiscard]] bool commit_last(std::span<const PartitionPtr> partitions, MemberClock::time_point deadline,
                                 std::chrono::milliseconds rebalance_patience, const std::atomic<bool>& hurry);

  /// The brokers accept less commit metadata than usual. May be called from any thread.
  void shorten_metadata();

 private:
  using WhileJoining = kafka::OffsetCommits::WhileJoining;

  enum class Giving { kKept, kBack };
  /// The offsets to commit of these partitions. @param giving kBack: no record of them is in flight afterwards
  [[nodiscard]] std::vector<kafka::OffsetToCommit> to_commit(std::span<const PartitionPtr> partitions, Giving giving);
  void add_with_metadata(Partition& partition, Giving giving, std::vector<kafka::OffsetToCommit>& offsets);
  void add_without_metadata(const Partition& partition, std::vector<kafka::OffsetToCommit>& offsets) const;
  bool commit(std::span<const kafka::OffsetToCommit> offsets, WhileJoining while_joining);
  /// @return the error of the commit that ended within the time, if one did
  rd_kafka_resp_err_t take_result(std::chrono::milliseconds within);
  void on_outcome(const kafka::CommitOutcome& outcome);

  /// The state of commit_last().
  struct LastCommit {
    std::span<const PartitionPtr> partitions;
    MemberClock::time_point deadline;
    std::chrono::milliseconds rebalance_patience;
    const std::atomic<bool>& hurry;
    MemberClock::time_point start;
    std::chrono::milliseconds left{0};  // when the present round began
    int verifications = 0;              // a second one is needed when a commit put a partition in doubt
  };
  /// Waits a moment for the commit in flight. @return whether to try further
  [[nodiscard]] bool wait_for_result(const LastCommit& last);
  /// The offsets that may be committed. Where needed, this first asks the group; the deadline moves by the time that
  /// takes.
  [[nodiscard]] std::vector<kafka::OffsetToCommit> verified(LastCommit& last);
  [[nodiscard]] std::chrono::milliseconds left_until(MemberClock::time_point deadline) const;

  const MemberContext member_;
  ReplacedLogCheck& logs_;
  MemberClock::time_point next_;
  bool soon_ = false;
  kafka::Repetition<rd_kafka_resp_err_t> errors_said_{std::chrono::seconds(30)};
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_OFFSET_COMMITTER_H_
