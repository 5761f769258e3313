#ifndef CONVEYOR_SRC_CONSUME_OFFSET_TRACKER_H_
#define CONVEYOR_SRC_CONSUME_OFFSET_TRACKER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "consume/commit_metadata.h"

namespace conveyor::worker {

/// Computes which offset of a partition may be committed: the first one below which all records read are finished.
///
/// Offsets that the log skips (compaction, transaction markers) count as finished once a later record was read.
///
/// Pure: no threads, no clock, no broker.
class OffsetTracker {
 public:
  /// @param committed the group's committed offset, if any
  /// @param done records above it that an earlier owner of the partition finished
  explicit OffsetTracker(std::optional<std::int64_t> committed = {}, std::vector<OffsetRange> done = {});

  /// A record was read. @param offset above all offsets read before
  void read(std::int64_t offset);
  /// The same, if an earlier owner finished this record; otherwise does nothing. @return whether that was so
  bool pass_over(std::int64_t offset);

  /// All offsets below `end` are passed: the log returns no record for them, or they were deleted.
  void pass_to(std::int64_t end);
  /// Whether an earlier owner finished this record, so that position() is after it although it was not read here.
  [[nodiscard]] bool was_done(std::int64_t offset) const noexcept {
    return offset >= done_.first && offset < done_.end;
  }

  /// A record is finished. Records may finish in any order, each once. @return false for an offset that is not in
  /// flight
  bool finish(std::int64_t offset);

  /// Records read and not finished.
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }

  /// Records kept here: all that were read, from the first unfinished one on.
  [[nodiscard]] std::size_t tracked() const noexcept { return entries_.size(); }

  /// The offset to be read next; nothing when neither a commit nor a record tells it.
  [[nodiscard]] std::optional<std::int64_t> position() const noexcept { return next_ ? next_ : committed_; }
  /// The first offset that is not finished; nothing when neither a commit nor a record tells it.
  [[nodiscard]] std::optional<std::int64_t> base() const noexcept;
  /// Finished records above base(), those of earlier owners included; rising, not touching.
  [[nodiscard]] std::vector<OffsetRange> done_above() const;

  /// The offset to commit; nothing when everything finished is committed already. Never falls.
  [[nodiscard]] std::optional<std::int64_t> committable() const noexcept;

  /// A commit of the offset `next` was stored.
  void committed(std::int64_t next) noexcept;

 private:
  struct Entry {
    std::int64_t offset;
    bool finished;
  };

  [[nodiscard]] bool done_before(std::int64_t offset);
  void push(std::int64_t offset, bool finished);
  void shorten();

  std::deque<Entry> entries_;  // read, and not yet part of the finished prefix
  std::size_t in_flight_ = 0;
  std::int64_t first_read_ = 0;
  std::optional<std::int64_t> next_;  // the offset after the last record read
  std::optional<std::int64_t> committed_;
  std::deque<OffsetRange> done_before_;  // by earlier owners, not read yet
  OffsetRange done_ = {};                // the last of them that lies before next_
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_OFFSET_TRACKER_H_
