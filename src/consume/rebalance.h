#ifndef CONVEYOR_SRC_CONSUME_REBALANCE_H_
#define CONVEYOR_SRC_CONSUME_REBALANCE_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "consume/completions.h"
#include "consume/member_context.h"
#include "consume/offset_committer.h"
#include "consume/poison_detector.h"
#include "consume/receiver.h"
#include "consume/replaced_log_check.h"
#include "consume/retention_check.h"
#include "consume/revoke_budget.h"
#include "consume/stall_check.h"

namespace conveyor::worker {

/// Handles changes of the assignment: takes partitions on, gives them back after their finished records are committed,
/// and restarts those whose topic was recreated.
class Rebalance {
 public:
  struct Parts {
    Completions& completions;
    PoisonDetector& poison;
    ReplacedLogCheck& logs;
    RetentionCheck& retention;
    StallCheck& stalls;
    OffsetCommitter& committer;
  };
  /// @param hurry set by any thread: some of the records in flight will never finish
  Rebalance(const MemberContext& member, const Parts& parts, Receiver& receiver, const std::atomic<bool>& hurry)
      : member_(member), parts_(parts), receiver_(receiver), hurry_(hurry) {}

  void take_on(std::vector<kafka::Assigned> given);
  /// @param lost they already belong to another member: nothing of them is committed
  /// @param within how long to wait for handlers
  void give_back(std::span<const kafka::TopicPartition> gone, bool lost, std::chrono::milliseconds within);
  /// Gives all partitions back because the member ends. @param drain how long to wait for handlers
  struct Left {
    std::size_t unfinished = 0;
    bool all_committed = true;
  };
  [[nodiscard]] Left give_all_back(std::chrono::milliseconds drain);
  /// Restarts partitions whose topics were recreated. Their records in flight belong to the deleted logs: handlers
  /// finish them, but nobody commits them.
  /// @return a partition whose committed offset the group did not tell: its client must be recreated; null: none
  [[nodiscard]] PartitionPtr start_over(std::span<const ReplacedLogCheck::Replaced> replaced);
  /// Lets go of all partitions without events, because the client ends.
  void let_go_of_all();

 private:
  void add(kafka::Assigned given, std::optional<CommitMetadata> metadata);
  void start_over(const ReplacedLogCheck::Replaced& replaced, std::optional<std::int64_t> stored);
  void begin_no_more_of(Partition& partition);
  void wait_for_handlers(std::span<const PartitionPtr> partitions, MemberClock::time_point deadline);
  void release(std::span<const PartitionPtr> partitions, const RevokeBudget& budget);
  /// The partition's records must be destroyed before the client.
  void let_go(Partition& partition, Partition::State state);
  void count_partitions() noexcept { member_.counters.partitions = member_.partitions.size(); }

  const MemberContext member_;
  const Parts parts_;
  Receiver& receiver_;
  const std::atomic<bool>& hurry_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_REBALANCE_H_
