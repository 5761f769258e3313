#ifndef CONVEYOR_SRC_CONSUME_OFFSET_COMMITTER_H_
#define CONVEYOR_SRC_CONSUME_OFFSET_COMMITTER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "consume/log_check.h"
#include "consume/member_context.h"
#include "kafka/group_errors.h"

namespace conveyor::worker {

/// Commits what is finished of a member's partitions: now and then, when something waits for it, and a last time when
/// partitions are given back.
class OffsetCommitter {
 public:
  OffsetCommitter(const MemberContext& member, LogCheck& logs)
      : member_(member), logs_(logs), next_(member.clock.now() + member.options.commit_interval) {}

  /// Begins a commit when it is time for one. Does not wait.
  void commit_when_due(MemberClock::time_point now);
  /// Takes the answer to the commit that was begun, if it is there.
  void take_result() { take_result(std::chrono::milliseconds(0)); }
  /// Something waits for a commit.
  void soon() noexcept { soon_ = true; }
  [[nodiscard]] MemberClock::time_point next() const noexcept { return next_; }

  /// Commits what is finished of partitions that are given back, and waits for the answer.
  /// @param rebalance_patience how long to wait for a group that rebalances
  /// @param hurry set by any thread: there is little time
  /// @return whether all of it is stored
  [[nodiscard]] bool commit_last(std::span<const PartitionPtr> partitions, MemberClock::time_point deadline,
                                 std::chrono::milliseconds rebalance_patience, const std::atomic<bool>& hurry);

  /// The brokers allow less beside an offset than usual. May be called from any thread.
  void shorten_metadata();

 private:
  using WhileJoining = kafka::OffsetCommits::WhileJoining;

  enum class Giving { kKept, kBack };
  /// What is to be committed of these partitions. @param giving back: nothing of them will be in our hands any more
  [[nodiscard]] std::vector<kafka::OffsetToCommit> to_commit(std::span<const PartitionPtr> partitions, Giving giving);
  void add_with_metadata(Partition& partition, Giving giving, std::vector<kafka::OffsetToCommit>& offsets);
  void add_without_metadata(const Partition& partition, std::vector<kafka::OffsetToCommit>& offsets) const;
  bool commit(std::span<const kafka::OffsetToCommit> offsets, WhileJoining while_joining);
  /// @return the error of the commit that ended within the time, if one did
  rd_kafka_resp_err_t take_result(std::chrono::milliseconds within);
  void on_outcome(const kafka::CommitOutcome& outcome);

  /// One attempt at giving partitions back.
  struct LastCommit {
    std::span<const PartitionPtr> partitions;
    MemberClock::time_point deadline;
    std::chrono::milliseconds rebalance_patience;
    const std::atomic<bool>& hurry;
    MemberClock::time_point start;
    std::chrono::milliseconds left{0};  // when this round of it began
    int verifications = 0;              // once more where a commit was answered with a doubt
  };
  /// Waits a moment for the commit in flight. @return whether it makes sense to go on
  [[nodiscard]] bool wait_for_result(const LastCommit& last);
  /// What may be committed, asking the group first where that is needed; the time it takes is given on top.
  [[nodiscard]] std::vector<kafka::OffsetToCommit> verified(LastCommit& last);
  [[nodiscard]] std::chrono::milliseconds left_until(MemberClock::time_point deadline) const;

  const MemberContext member_;
  LogCheck& logs_;
  MemberClock::time_point next_;
  bool soon_ = false;
  kafka::Repetition<rd_kafka_resp_err_t> errors_said_{std::chrono::seconds(30)};
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_OFFSET_COMMITTER_H_
