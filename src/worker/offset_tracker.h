#ifndef CONVEYOR_SRC_WORKER_OFFSET_TRACKER_H_
#define CONVEYOR_SRC_WORKER_OFFSET_TRACKER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace conveyor::worker {

/// Which offset of one partition may be committed: the first below which everything read is finished.
///
/// A decision without threads, clock or broker. Offsets that the log skips (compaction, transactions) count as finished
/// once a later record was read.
class OffsetTracker {
 public:
  /// @param committed what the group has committed already, if anything
  explicit OffsetTracker(std::optional<std::int64_t> committed = {}) : committed_(committed) {}

  /// A record was read. @param offset above all read before
  void read(std::int64_t offset);

  /// A record is finished; any order, once each. @return false for an offset that is not in flight
  bool finish(std::int64_t offset);

  /// Read and not finished.
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }

  /// The offset to commit; nothing when all that is finished is committed already. Never falls.
  [[nodiscard]] std::optional<std::int64_t> committable() const noexcept;

  /// A commit up to `next` was stored.
  void committed(std::int64_t next) noexcept;

 private:
  struct Entry {
    std::int64_t offset;
    bool finished;
  };

  std::deque<Entry> entries_;  // read and not yet part of the finished prefix
  std::size_t in_flight_ = 0;
  std::int64_t first_read_ = 0;
  std::optional<std::int64_t> next_;  // after the last record read
  std::optional<std::int64_t> committed_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_OFFSET_TRACKER_H_
