#ifndef CONVEYOR_SRC_CONSUME_POISON_DETECTOR_H_
#define CONVEYOR_SRC_CONSUME_POISON_DETECTOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "consume/member_context.h"
#include "consume/partition_lookup.h"
#include "consume/poison_policy.h"

namespace conveyor::worker {

/// Recognises records on which processes die, from the commit metadata of earlier members. PoisonPolicy decides for all
/// partitions of a member; this class tells it what was found and done.
class PoisonDetector {
 public:
  /// @param run identifies this run of the process in its commit metadata
  PoisonDetector(const MemberContext& member, std::uint64_t run, const MakeLookup& make_lookup)
      : member_(member), run_(run), policy_(member.options.crash_probation), ends_(make_lookup()) {}

  /// The commit metadata of partitions that were assigned together; none where there is none of ours.
  [[nodiscard]] std::vector<std::optional<CommitMetadata>> metadata_of(std::span<const kafka::Assigned> given);
  /// The partition is read from now on. @param found its commit metadata
  void watch(Partition& partition, const std::optional<CommitMetadata>& found);
  /// Some of these partitions may have records that must be handled one at a time. This asks where their logs end,
  /// because records written later have killed nobody. Nothing is read of them until the answer arrives; without an
  /// answer more records than necessary are handled one at a time.
  void limit_probing(std::span<const PartitionPtr> assigned);
  /// Takes the answer, and asks about partitions that were assigned meanwhile.
  void take_answers(MemberClock::time_point now);
  [[nodiscard]] bool waits_for_end(const Partition& partition) const noexcept;
  void remove(Partition& partition) noexcept;

  struct Permission {
    bool begin = false;
    bool commit_soon = false;  ///< something waits for a commit, or will soon
    int deaths = 0;            ///< above 0: begin it only to condemn it, because processes died on it this often
  };
  /// May the next record of a watched partition be begun? Reports why it must wait, and ends the member when too many
  /// records were condemned.
  [[nodiscard]] Permission may_begin(Partition& partition, std::int64_t offset, MemberClock::time_point now);
  /// No record of the partition may be begun at present.
  void idle(Partition& partition) noexcept;
  /// No more records of the partition are available.
  void exhausted(Partition& partition) noexcept;
  /// When the suspect may be begun for which the process lives without any record in flight.
  [[nodiscard]] std::optional<MemberClock::time_point> waits_until() const noexcept { return policy_.waits_until(); }

 private:
  [[nodiscard]] bool condemn(Partition& partition, std::int64_t offset);
  void report_probation(const Partition& partition, std::int64_t offset, MemberClock::time_point now);
  void ask_for_ends(MemberClock::time_point now);

  const MemberContext member_;
  const std::uint64_t run_;
  PoisonPolicy policy_;
  std::set<std::uint64_t> runs_that_told_;  // runs whose metadata names a suspect, or says that nothing was in flight
  std::optional<MemberClock::time_point> said_to_wait_until_;
  const std::unique_ptr<PartitionLookup> ends_;
  std::vector<PartitionPtr> unasked_;  // the end of their logs is not known yet
  std::vector<PartitionPtr> asked_;    // the same, and asked about
  MemberClock::time_point answer_until_ = {};
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_POISON_DETECTOR_H_
