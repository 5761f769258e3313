#ifndef CONVEYOR_SRC_CONSUME_LOG_CHECK_H_
#define CONVEYOR_SRC_CONSUME_LOG_CHECK_H_

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

/// Asks the cluster whether the logs of a member's partitions are still the ones that it reads, when there is a sign
/// that one is not and before it is committed: LogWatch decides, this asks and brings the answers.
///
/// What has to be done about an answer is returned: reading goes on elsewhere, which is not this class's business.
class LogCheck {
 public:
  /// As a rule the group tells at once what it has.
  static constexpr std::chrono::milliseconds kStoredWithin{1'000};

  LogCheck(const MemberContext& member, kafka::Wakeup& wakeup, const MakeLookup& make_lookup)
      : member_(member),
        wakeup_(wakeup),
        doubted_(make_lookup()),
        to_commit_(make_lookup()),
        waited_for_(make_lookup()) {}

  /// A sign was seen: nothing of the partition is begun or committed until it is clear.
  void doubt(Partition& partition, void (LogWatch::*sign)() noexcept);
  void doubt_topic(std::string_view topic);

  /// A partition whose log is another one, or shorter than what was read of it.
  struct Replaced {
    PartitionPtr partition;
    std::int64_t position = 0;
    kafka::LogRange log = {};
    bool committed = false;  ///< the group still has an offset of it
  };
  /// One whose client was sent to the log's beginning by a broker that lagged behind.
  struct SeekBack {
    PartitionPtr partition;
    std::int64_t position = 0;
  };
  struct Answers {
    bool any = false;  ///< a commit may have waited for them
    std::vector<Replaced> replaced = {};
    std::vector<SeekBack> seek_back = {};
  };
  /// What was answered since the last call.
  [[nodiscard]] Answers take_answers(MemberClock::time_point now);
  /// Asks about what is in doubt, when it is time to.
  void ask(MemberClock::time_point now);

  /// Takes out what must be verified before it is committed, and asks the group about it. It comes with a later commit:
  /// the others wait for no question. @return whether that commit should be tried in a moment
  [[nodiscard]] bool leave_out_unverified(std::vector<kafka::OffsetToCommit>& offsets, MemberClock::time_point now);
  /// Whether the partition is among the offsets and has to be verified first.
  [[nodiscard]] bool must_verify(const Partition& partition, std::span<const kafka::OffsetToCommit> offsets) const;
  /// The same for partitions that are given back, waiting for the answer. What nobody answers for in time is doubted,
  /// and not committed: who gets the partition handles it again, rather than passing over records of another log.
  void verify(std::span<const PartitionPtr> partitions, std::span<const kafka::OffsetToCommit> offsets,
              std::chrono::milliseconds within);

  /// What the group has of these partitions, waited for. Those that nobody told of are left out.
  [[nodiscard]] std::vector<kafka::OffsetToCommit> stored(std::span<const kafka::TopicPartition> partitions,
                                                          std::chrono::milliseconds within);

  /// Another client has taken the place of the one that was asked.
  void forget() noexcept;

 private:
  void take_answer(const PartitionLookup::Question& answered, MemberClock::time_point now, Answers& answers);
  /// Tells of a log that goes on. @param was_shorter before the answer
  void report_seek_back(const Partition& partition, std::int64_t position, std::int64_t end, bool was_shorter) const;
  /// Leaves those that must be asked about again.
  void ask_for_stored(std::vector<PartitionPtr>& partitions, std::chrono::milliseconds at_most);

  const MemberContext member_;
  kafka::Wakeup& wakeup_;
  const std::unique_ptr<PartitionLookup> doubted_;
  const std::unique_ptr<PartitionLookup> to_commit_;
  const std::unique_ptr<PartitionLookup> waited_for_;
  bool doubts_ = false;  // some partition's
  int unanswered_ = 0;   // questions about doubts, in a row
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_LOG_CHECK_H_
