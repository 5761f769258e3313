#ifndef CONVEYOR_SRC_CONSUME_PARTITION_READER_H_
#define CONVEYOR_SRC_CONSUME_PARTITION_READER_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "consume/member_context.h"
#include "consume/offset_committer.h"
#include "consume/poison_detector.h"
#include "consume/receiver.h"
#include "consume/replaced_log_check.h"
#include "consume/retention_check.h"

namespace conveyor::worker {

/// Reads a member's partitions in turn, as far as their bounds and the PoisonDetector permit, and hands the records
/// over.
class PartitionReader {
 public:
  /// Is told about errors that arrive in a partition's queue.
  class ErrorListener {
   public:
    virtual ~ErrorListener() = default;
    virtual void on_partition_error(const Partition& partition, const kafka::ConsumedRecord& error) = 0;
  };
  struct Parts {
    PoisonDetector& poison;
    ReplacedLogCheck& logs;
    RetentionCheck& retention;
    OffsetCommitter& committer;
  };

  PartitionReader(const MemberContext& member, const Parts& parts, Receiver& receiver, ErrorListener& errors)
      : member_(member), parts_(parts), receiver_(receiver), errors_(errors) {}

  /// Gives every partition a turn.
  /// @param now the time for everything that is read in these turns
  /// @return whether more can be read at once
  bool read_some(MemberClock::time_point now);
  /// Call before reading goes on elsewhere: reports the errors that were fetched ahead. The records will be read again.
  void drop_ahead(Partition& partition);

  [[nodiscard]] bool has_room(const Partition& partition) const noexcept;
  /// How many records must finish before reading goes on.
  [[nodiscard]] std::size_t completions_before_reading() const noexcept;
  /// Whether a record was begun since the last call, which shows that the client works.
  [[nodiscard]] bool take_progress() noexcept { return std::exchange(progress_, false); }

 private:
  bool read_some_of(const PartitionPtr& partition);
  bool begin_some_of(const PartitionPtr& partition);
  /// Reads until there is a record that may be begun. @return false when there is none
  bool hold_next(Partition& partition);
  enum class Place { kNext, kDone, kRewound };
  /// Where the offset of a record lies relative to the position.
  [[nodiscard]] Place place_of(Partition& partition, std::int64_t offset);
  /// @return false when reading of this partition must stop
  bool on_error(Partition& partition, const kafka::ConsumedRecord& error);
  void at_end(Partition& partition, std::int64_t offset);
  /// @return false when the record must wait
  bool begin_held(const PartitionPtr& partition);
  void hand_over();

  const MemberContext member_;
  const Parts parts_;
  Receiver& receiver_;
  ErrorListener& errors_;
  MemberClock::time_point now_ = {};  // the time of the present turn; the clock is not read within a turn
  std::vector<Incoming> begun_;       // begun and not handed over yet; all of one partition
  bool progress_ = false;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_PARTITION_READER_H_
