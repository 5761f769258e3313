#ifndef CONVEYOR_SRC_CONSUME_REPLACED_LOG_CHECK_H_
#define CONVEYOR_SRC_CONSUME_REPLACED_LOG_CHECK_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "consume/member_context.h"
#include "consume/partition_lookup.h"

namespace conveyor::worker {

/// Asks the cluster whether the logs of a member's partitions are still the ones that the member reads: when there is a
/// sign that one was replaced, and before its offsets are committed. ReplacedLogWatch decides; this class sends the questions
/// and collects the answers.
///
/// The functions return what has to be done about an answer, because reading elsewhere is not this class's task.
class ReplacedLogCheck {
 public:
  /// How long to wait for an OffsetFetch response. The group usually answers at once.
  static constexpr std::chrono::milliseconds kStoredWithin{1'000};

  ReplacedLogCheck(const MemberContext& member, kafka::Wakeup& wakeup, const MakeLookup& make_lookup)
      : member_(member),
        wakeup_(wakeup),
        doubted_(make_lookup()),
        to_commit_(make_lookup()),
        waited_for_(make_lookup()) {}

  /// A sign was seen: no record of the partition is begun or committed until the doubt is resolved.
  void doubt(Partition& partition, void (ReplacedLogWatch::*sign)() noexcept);
  void doubt_topic(std::string_view topic);

  /// A partition whose topic was recreated, or whose log is shorter than the read position.
  struct Replaced {
    PartitionPtr partition;
    std::int64_t position = 0;
    kafka::LogRange log = {};
    bool committed = false;  ///< the group still has a committed offset of it
  };
  /// A partition whose client went back to the log's beginning, because a lagging broker denied the offset.
  struct SeekBack {
    PartitionPtr partition;
    std::int64_t position = 0;
  };
  struct Answers {
    bool any = false;  ///< commits may have waited for these answers
    std::vector<Replaced> replaced = {};
    std::vector<SeekBack> seek_back = {};
  };
  /// The answers that arrived since the last call.
  [[nodiscard]] Answers take_answers(MemberClock::time_point now);
  /// Asks about the partitions in doubt, when it is time to.
  void ask(MemberClock::time_point now);

  /// Removes the offsets that must be verified before they are committed, and asks the group about them. A later commit
  /// includes them, so that the other offsets do not wait.
  /// @return whether to try that commit soon
  [[nodiscard]] bool leave_out_unverified(std::vector<kafka::OffsetToCommit>& offsets, MemberClock::time_point now);
  /// Whether the partition is among the offsets and must be verified first.
  [[nodiscard]] bool must_verify(const Partition& partition, std::span<const kafka::OffsetToCommit> offsets) const;
  /// The same for partitions that are being revoked; this waits for the answers. A partition without an answer in time
  /// is in doubt and is not committed: its next owner then handles some records again, rather than skipping records of
  /// a recreated topic.
  void verify(std::span<const PartitionPtr> partitions, std::span<const kafka::OffsetToCommit> offsets,
              std::chrono::milliseconds within);

  /// The offsets that the group has committed of these partitions; waits for the answer. Partitions without an answer
  /// are left out.
  [[nodiscard]] std::vector<kafka::OffsetToCommit> stored(std::span<const kafka::TopicPartition> partitions,
                                                          std::chrono::milliseconds within);

  /// The client that was asked was replaced.
  void forget() noexcept;

 private:
  void take_answer(const PartitionLookup::Question& answered, MemberClock::time_point now, Answers& answers);
  /// Reports a log that is read on. @param was_shorter whether the log was known to be shorter before the answer
  void report_seek_back(const Partition& partition, std::int64_t position, std::int64_t end, bool was_shorter) const;
  /// Asks once, and leaves in `partitions` those that must be asked about again.
  void ask_for_stored(std::vector<PartitionPtr>& partitions, std::chrono::milliseconds at_most);

  const MemberContext member_;
  kafka::Wakeup& wakeup_;
  const std::unique_ptr<PartitionLookup> doubted_;
  const std::unique_ptr<PartitionLookup> to_commit_;
  const std::unique_ptr<PartitionLookup> waited_for_;
  bool doubts_ = false;  // of some partition
  int unanswered_ = 0;   // questions about partitions in doubt, in a row
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_REPLACED_LOG_CHECK_H_
