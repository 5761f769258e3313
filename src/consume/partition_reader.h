#ifndef CONVEYOR_SRC_CONSUME_PARTITION_READER_H_
#define CONVEYOR_SRC_CONSUME_PARTITION_READER_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "consume/log_check.h"
#include "consume/member_context.h"
#include "consume/offset_committer.h"
#include "consume/poison_detector.h"
#include "consume/receiver.h"
#include "consume/retention_check.h"

namespace conveyor::worker {

/// Reads a member's partitions in turn, as far as their bounds and PoisonDetector allow, and hands the records over.
class PartitionReader {
 public:
  /// Is told what comes by a partition's queue instead of a record.
  class ErrorListener {
   public:
    virtual ~ErrorListener() = default;
    virtual void on_partition_error(const Partition& partition, const kafka::ConsumedRecord& error) = 0;
  };
  struct Parts {
    PoisonDetector& poison;
    LogCheck& logs;
    RetentionCheck& retention;
    OffsetCommitter& committer;
  };

  PartitionReader(const MemberContext& member, const Parts& parts, Receiver& receiver, ErrorListener& errors)
      : member_(member), parts_(parts), receiver_(receiver), errors_(errors) {}

  /// Has every partition its turn. @param now for all that is read in it
  /// @return whether there may be more to read at once
  bool read_some(MemberClock::time_point now);
  /// Reading goes on elsewhere: errors that were read ahead are told; records come again.
  void drop_ahead(Partition& partition);

  [[nodiscard]] bool has_room(const Partition& partition) const noexcept;
  /// How many records must be finished before reading goes on.
  [[nodiscard]] std::size_t completions_before_reading() const noexcept;
  /// Since the last call. Whether a record was begun: the client works.
  [[nodiscard]] bool take_progress() noexcept { return std::exchange(progress_, false); }

 private:
  bool read_some_of(const PartitionPtr& partition);
  bool begin_some_of(const PartitionPtr& partition);
  /// Reads until a record may be begun. @return false when there is none
  bool hold_next(Partition& partition);
  enum class Place { kNext, kDone, kRewound };
  /// Where a record stands that was read.
  [[nodiscard]] Place place_of(Partition& partition, std::int64_t offset);
  /// @return false when reading of this partition must stop
  bool on_error(Partition& partition, const kafka::ConsumedRecord& error);
  void at_end(Partition& partition, std::int64_t offset);
  /// @return false when it must wait
  bool begin_held(const PartitionPtr& partition);
  void hand_over();

  const MemberContext member_;
  const Parts parts_;
  Receiver& receiver_;
  ErrorListener& errors_;
  MemberClock::time_point now_ = {};  // of the turn: in between, time stands still
  std::vector<Incoming> begun_;       // and not handed over yet; all of one partition
  bool progress_ = false;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_PARTITION_READER_H_
