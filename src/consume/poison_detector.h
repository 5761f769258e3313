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

/// Recognises records on which processes die, by what earlier members wrote beside the offsets that they committed:
/// PoisonPolicy decides for all partitions of a member, this tells it what is found and done.
class PoisonDetector {
 public:
  /// @param run names this life of the process in what it writes
  PoisonDetector(const MemberContext& member, std::uint64_t run, const MakeLookup& make_lookup)
      : member_(member), run_(run), policy_(member.options.crash_probation), ends_(make_lookup()) {}

  /// What was written beside the offsets of partitions that were given together; none where nothing of ours was.
  [[nodiscard]] std::vector<std::optional<CommitMetadata>> metadata_of(std::span<const kafka::Assigned> given);
  /// The partition is read from now on. @param found beside its offset
  void watch(Partition& partition, const std::optional<CommitMetadata>& found);
  /// Some of them may have to be handled one at a time. How far: what was not in the log yet killed nobody. Nothing is
  /// read of them before that is answered; without an answer more is handled one at a time than need be.
  void limit_probing(std::span<const PartitionPtr> assigned);
  /// Takes the answer, and asks about those that came meanwhile.
  void take_answers(MemberClock::time_point now);
  [[nodiscard]] bool waits_for_end(const Partition& partition) const noexcept;
  void remove(Partition& partition) noexcept;

  struct Permission {
    bool begin = false;
    bool commit_soon = false;  ///< something waits for a commit, or will
    int deaths = 0;            ///< it is begun only to be given up: processes died on it so often
  };
  /// May the next record of a partition be begun that is watched? Says why it must wait, and ends the member where too
  /// many kill.
  [[nodiscard]] Permission may_begin(Partition& partition, std::int64_t offset, MemberClock::time_point now);
  /// Nothing of the partition may be begun at present.
  void idle(Partition& partition) noexcept;
  /// All of it that was read is begun.
  void exhausted(Partition& partition) noexcept;
  /// When a record may be begun before which the process has to live with nothing in hand.
  [[nodiscard]] std::optional<MemberClock::time_point> waits_until() const noexcept { return policy_.waits_until(); }

 private:
  [[nodiscard]] bool condemn(Partition& partition, std::int64_t offset);
  void report_probation(const Partition& partition, std::int64_t offset, MemberClock::time_point now);
  void ask_for_ends(MemberClock::time_point now);

  const MemberContext member_;
  const std::uint64_t run_;
  PoisonPolicy policy_;
  std::set<std::uint64_t> runs_that_told_;  // in metadata we found: of a suspect, or that they had nothing in hand
  std::optional<MemberClock::time_point> said_to_wait_until_;
  const std::unique_ptr<PartitionLookup> ends_;
  std::vector<PartitionPtr> unasked_;  // those whose logs' ends are not known
  std::vector<PartitionPtr> asked_;    // the same
  MemberClock::time_point answer_until_ = {};
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_POISON_DETECTOR_H_
