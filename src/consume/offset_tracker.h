#ifndef CONVEYOR_SRC_CONSUME_OFFSET_TRACKER_H_
#define CONVEYOR_SRC_CONSUME_OFFSET_TRACKER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "consume/commit_metadata.h"

namespace conveyor::worker {

/// Which offset of one partition may be committed: the first below which everything read is finished.
///
/// A decision without threads, clock or broker. Offsets that the log skips (compaction, transactions) count as finished
/// once a later record was read.
class OffsetTracker {
 public:
  /// @param committed what the group has committed already, if anything
  /// @param done finished already above it, by an earlier owner of the partition
  explicit OffsetTracker(std::optional<std::int64_t> committed = {}, std::vector<OffsetRange> done = {});

  /// A record was read. @param offset above all read before
  void read(std::int64_t offset);
  /// The same for a record that an earlier owner finished; otherwise nothing. @return whether it was one
  bool pass_over(std::int64_t offset);

  /// Nothing below `end` is left to be read: what the log has there is never handed out, or was deleted.
  void pass_to(std::int64_t end);
  /// Whether an earlier owner finished this record, so that position() is behind it although it was not read.
  [[nodiscard]] bool was_done(std::int64_t offset) const noexcept {
    return offset >= done_.first && offset < done_.end;
  }

  /// A record is finished; any order, once each. @return false for an offset that is not in flight
  bool finish(std::int64_t offset);

  /// Read and not finished.
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }

  /// Read, from the first that is not finished on.
  [[nodiscard]] std::size_t tracked() const noexcept { return entries_.size(); }

  /// The offset to be read next, or nothing when neither a commit nor a record tells.
  [[nodiscard]] std::optional<std::int64_t> position() const noexcept { return next_ ? next_ : committed_; }
  /// The first offset that is not finished, or nothing when neither a commit nor a record tells.
  [[nodiscard]] std::optional<std::int64_t> base() const noexcept;
  /// What is finished above base(), by earlier owners too: rising, not touching.
  [[nodiscard]] std::vector<OffsetRange> done_above() const;

  /// The offset to commit; nothing when all that is finished is committed already. Never falls.
  [[nodiscard]] std::optional<std::int64_t> committable() const noexcept;

  /// A commit up to `next` was stored.
  void committed(std::int64_t next) noexcept;

 private:
  struct Entry {
    std::int64_t offset;
    bool finished;
  };

  [[nodiscard]] bool done_before(std::int64_t offset);
  void push(std::int64_t offset, bool finished);
  void shorten();

  std::deque<Entry> entries_;  // read and not yet part of the finished prefix
  std::size_t in_flight_ = 0;
  std::int64_t first_read_ = 0;
  std::optional<std::int64_t> next_;  // after the last record read
  std::optional<std::int64_t> committed_;
  std::deque<OffsetRange> done_before_;  // by earlier owners, not read yet
  OffsetRange done_ = {};                // the last of them that next_ is behind
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_OFFSET_TRACKER_H_
