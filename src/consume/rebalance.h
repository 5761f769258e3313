#ifndef CONVEYOR_SRC_CONSUME_REBALANCE_H_
#define CONVEYOR_SRC_CONSUME_REBALANCE_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "consume/completions.h"
#include "consume/log_check.h"
#include "consume/member_context.h"
#include "consume/offset_committer.h"
#include "consume/poison_detector.h"
#include "consume/receiver.h"
#include "consume/retention_check.h"
#include "consume/revoke_budget.h"
#include "consume/stall_check.h"

namespace conveyor::worker {

/// What happens when partitions come and go: they are taken on, given back with what is finished committed, or begun
/// anew because their log is another one.
class Rebalance {
 public:
  struct Parts {
    Completions& completions;
    PoisonDetector& poison;
    LogCheck& logs;
    RetentionCheck& retention;
    StallCheck& stalls;
    OffsetCommitter& committer;
  };
  /// @param hurry set by any thread: some of what was begun will never end
  Rebalance(const MemberContext& member, const Parts& parts, Receiver& receiver, const std::atomic<bool>& hurry)
      : member_(member), parts_(parts), receiver_(receiver), hurry_(hurry) {}

  void take_on(std::vector<kafka::Assigned> given);
  /// @param lost they belong to another member already: nothing of them is committed
  /// @param within how long handlers are waited for
  void give_back(std::span<const kafka::TopicPartition> gone, bool lost, std::chrono::milliseconds within);
  /// Gives all back because the member ends. @param drain how long handlers are waited for
  struct Left {
    std::size_t unfinished = 0;
    bool all_committed = true;
  };
  [[nodiscard]] Left give_all_back(std::chrono::milliseconds drain);
  /// What is in flight of these belongs to logs that are gone: it is finished by those who have it, and committed by
  /// nobody. @return one of which nobody tells whether anything of it is committed: its client must be recreated
  [[nodiscard]] PartitionPtr start_over(std::span<const LogCheck::Replaced> replaced);
  /// The client goes, without a word to anybody.
  void let_go_of_all();

 private:
  void add(kafka::Assigned given, std::optional<CommitMetadata> metadata);
  void start_over(const LogCheck::Replaced& replaced, std::optional<std::int64_t> stored);
  void begin_no_more_of(Partition& partition);
  void wait_for_handlers(std::span<const PartitionPtr> partitions, MemberClock::time_point deadline);
  void release(std::span<const PartitionPtr> partitions, const RevokeBudget& budget);
  /// Its records must be gone before the client is.
  void let_go(Partition& partition, Partition::State state);
  void count_partitions() noexcept { member_.counters.partitions = member_.partitions.size(); }

  const MemberContext member_;
  const Parts parts_;
  Receiver& receiver_;
  const std::atomic<bool>& hurry_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_REBALANCE_H_
