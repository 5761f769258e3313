#ifndef CONVEYOR_SRC_CONSUME_PARTITION_LEASE_H_
#define CONVEYOR_SRC_CONSUME_PARTITION_LEASE_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "consume/commit_metadata.h"

namespace conveyor::worker {

/// The lease of one partition: how far above the committed offset its records may be begun. The commit metadata says so
/// before a record is begun, so that whoever gets the partition after a crash knows which records were in flight, and how
/// often processes died on them.
///
/// Pure: no threads, no clock, no broker.
class PartitionLease {
 public:
  struct Options {
    std::uint64_t run = 0;  ///< identifies this run of this process
    int attempts = 3;  ///< deaths after which a record is condemned; includes the first one, when no record was named
    /// How far above the committed offset records may be begun: first `window`, growing to `widest` while that delays
    /// them.
    std::int64_t window = 128;
    std::int64_t widest = 512;
    int most_condemned = 10;  ///< records condemned in an hour
  };

  /// @param found the metadata that the partition was assigned with
  /// @param another_told whether the run that wrote it said elsewhere that it handled nothing of this partition: it
  /// named a suspect of another partition, or waited
  PartitionLease(const Options& options, const std::optional<CommitMetadata>& found, bool another_told);

  /// Some run died with records in flight that are not finished yet. @param base the first offset that is not finished
  [[nodiscard]] bool probing(std::int64_t base) const noexcept { return crash_count_ > 0 && base < region_end_; }
  [[nodiscard]] bool suspects(std::int64_t offset, std::int64_t base) const noexcept {
    return probing(base) && offset < region_end_;
  }
  /// Runs died on this record often enough to condemn it.
  [[nodiscard]] bool must_condemn(std::int64_t offset) const noexcept;
  /// How many runs died on it, the first one included, when no record was named.
  [[nodiscard]] int deaths_of(std::int64_t offset) const noexcept;
  /// How many runs died while it was named, unless a probation was completed since.
  [[nodiscard]] int deaths_to_wait_for(std::int64_t offset) const noexcept;
  /// Counts a record that is condemned.
  /// @param now in seconds since 1970
  /// @return false when too many were condemned: then the process is more likely at fault than the records
  [[nodiscard]] bool condemn(std::int64_t now) noexcept;
  /// No record at or above `end` existed when the partition was assigned, so none of them can have killed a process.
  void log_ended_at(std::int64_t end) noexcept;

  /// Commits name this record from now on, until it is finished.
  void name(std::int64_t offset) noexcept {
    wanted_ = offset;
    waiting_ = false;
  }
  /// Commits say from now on that no record is in flight.
  void wait() noexcept { waiting_ = true; }
  /// The last stored metadata says so.
  [[nodiscard]] bool waits() const noexcept { return waits_; }
  /// The process lived long enough with no record in flight: its next death counts against this record.
  void waited_for(std::int64_t offset) noexcept { waited_for_ = offset; }
  /// The record that the last stored metadata names.
  [[nodiscard]] std::optional<std::int64_t> named() const noexcept { return named_; }
  /// The last stored metadata permits this record to be begun, though not as the only one.
  [[nodiscard]] bool leased(std::int64_t offset) const noexcept { return open_ && offset < lease_end_; }
  /// The last stored metadata says that records may be in flight.
  [[nodiscard]] bool open() const noexcept { return open_; }

  /// The metadata for a commit of `base`. @param next the next record to be begun
  [[nodiscard]] CommitMetadata metadata(std::int64_t base, std::int64_t next) const;
  /// The same, but names no record. May be called from any thread.
  [[nodiscard]] CommitMetadata plain_metadata(std::int64_t base, std::int64_t next) const;
  /// The metadata for the last commit, when the partition is revoked.
  [[nodiscard]] CommitMetadata closed_metadata(std::int64_t base) const;
  /// Whether a commit would say something new about `next`.
  [[nodiscard]] bool stale(std::int64_t base, std::int64_t next) const;
  void stored(const CommitMetadata& metadata) noexcept;
  /// Like stored(), for the metadata of plain_metadata().
  void stored_lease(std::int64_t lease_end) noexcept;

  /// Call when records wait for a lease and for nothing else: the next lease is longer. At most once for each lease.
  void widen() noexcept {
    if (std::exchange(widened_at_, lease_end_) != lease_end_) window_ = std::min(2 * window_.load(), options_.widest);
  }
  [[nodiscard]] std::int64_t window() const noexcept { return window_; }
  /// Call when no record waits. The window shrinks, so that a death leaves fewer records to be handled one at a time.
  void narrow() noexcept { window_ = options_.window; }

 private:
  [[nodiscard]] std::optional<std::int64_t> to_name(std::int64_t base) const noexcept;

  Options options_;
  int crash_count_ = 0;
  std::int64_t region_end_ = 0;
  std::optional<std::int64_t> last_suspect_;  // the suspect found in the metadata, with its crash count
  int deaths_ = 0;
  int condemned_ = 0;
  std::int64_t condemned_since_ = 0;
  std::optional<std::int64_t> wanted_;
  bool waiting_ = false;
  std::optional<std::int64_t> waited_for_;
  std::atomic<std::int64_t> window_;
  std::int64_t widened_at_ = -1;

  // As last stored.
  bool open_ = false;
  bool waits_ = false;
  std::int64_t lease_end_ = 0;
  std::optional<std::int64_t> named_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_PARTITION_LEASE_H_
