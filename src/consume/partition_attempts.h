#ifndef CONVEYOR_SRC_CONSUME_PARTITION_ATTEMPTS_H_
#define CONVEYOR_SRC_CONSUME_PARTITION_ATTEMPTS_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "consume/commit_metadata.h"

namespace conveyor::worker {

/// What the commits of one partition say about which of its records are in whose hands, and what was found there.
///
/// A decision without threads, clock or broker.
class PartitionAttempts {
 public:
  struct Options {
    std::uint64_t run = 0;  ///< this run of this process
    int attempts = 3;       ///< deaths, the first and unmarked one included, after which a record is given up
    /// How far above the committed offset records may be begun: at first, and while that holds them up.
    std::int64_t window = 128;
    std::int64_t widest = 512;
    int most_condemned = 10;  ///< in an hour
  };

  /// @param found the metadata the partition was found with
  /// @param another_told the run that wrote it had, as it said elsewhere, nothing of this partition in hand: it named
  ///                     a suspect there, or waited
  PartitionAttempts(const Options& options, const std::optional<CommitMetadata>& found, bool another_told);

  /// Some run died with records below in its hands. @param base the first offset that is not finished
  [[nodiscard]] bool probing(std::int64_t base) const noexcept { return crash_count_ > 0 && base < region_end_; }
  [[nodiscard]] bool suspects(std::int64_t offset, std::int64_t base) const noexcept {
    return probing(base) && offset < region_end_;
  }
  /// Runs died on this record, again and again.
  [[nodiscard]] bool must_condemn(std::int64_t offset) const noexcept;
  /// How often, the unmarked first time included.
  [[nodiscard]] int deaths_of(std::int64_t offset) const noexcept;
  /// How often while it was named, unless a wait before it was lived through since.
  [[nodiscard]] int deaths_to_wait_for(std::int64_t offset) const noexcept;
  /// Counts a record that is given up. @param now in seconds since 1970
  /// @return false: too many were; rather than the records it is the process that is to blame
  [[nodiscard]] bool condemn(std::int64_t now) noexcept;
  /// Nothing at or above it existed when the partition was found, so that none of it can have killed.
  void log_ended_at(std::int64_t end) noexcept;

  /// Commits shall name this record while it is not finished.
  void name(std::int64_t offset) noexcept {
    wanted_ = offset;
    waiting_ = false;
  }
  /// Commits shall say that nothing is in hand.
  void wait() noexcept { waiting_ = true; }
  /// The last stored metadata says so.
  [[nodiscard]] bool waits() const noexcept { return waits_; }
  /// The process lived on with nothing in hand for long enough: what happens next may be this record's doing.
  void waited_for(std::int64_t offset) noexcept { waited_for_ = offset; }
  /// The record that the last stored metadata names.
  [[nodiscard]] std::optional<std::int64_t> named() const noexcept { return named_; }
  /// Stored metadata of ours allows to begin this record, though not alone.
  [[nodiscard]] bool leased(std::int64_t offset) const noexcept { return open_ && offset < lease_end_; }
  /// Stored metadata of ours says that records are in hand.
  [[nodiscard]] bool open() const noexcept { return open_; }

  /// What a commit of `base` says. @param next the next record to be begun
  [[nodiscard]] CommitMetadata metadata(std::int64_t base, std::int64_t next) const;
  /// The same without naming a record. May be called from any thread.
  [[nodiscard]] CommitMetadata plain_metadata(std::int64_t base, std::int64_t next) const;
  /// What the last commit says when the partition is given back.
  [[nodiscard]] CommitMetadata closed_metadata(std::int64_t base) const;
  /// Whether a commit would say something new about `next`.
  [[nodiscard]] bool stale(std::int64_t base, std::int64_t next) const;
  void stored(const CommitMetadata& metadata) noexcept;
  /// The same of a plain_metadata().
  void stored_lease(std::int64_t lease_end) noexcept;

  /// Records wait for a lease and nothing else holds them up: the next one is longer. Once for each lease.
  void widen() noexcept {
    if (std::exchange(widened_at_, lease_end_) != lease_end_) window_ = std::min(2 * window_.load(), options_.widest);
  }
  [[nodiscard]] std::int64_t window() const noexcept { return window_; }
  /// Records are not waited for: what a death would leave in doubt need not be more than this.
  void narrow() noexcept { window_ = options_.window; }

 private:
  [[nodiscard]] std::optional<std::int64_t> to_name(std::int64_t base) const noexcept;

  Options options_;
  int crash_count_ = 0;
  std::int64_t region_end_ = 0;
  std::optional<std::int64_t> last_suspect_;  // found named, with so many deaths
  int deaths_ = 0;
  int condemned_ = 0;
  std::int64_t condemned_since_ = 0;
  std::optional<std::int64_t> wanted_;
  bool waiting_ = false;
  std::optional<std::int64_t> waited_for_;
  std::atomic<std::int64_t> window_;
  std::int64_t widened_at_ = -1;

  // As stored.
  bool open_ = false;
  bool waits_ = false;
  std::int64_t lease_end_ = 0;
  std::optional<std::int64_t> named_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_PARTITION_ATTEMPTS_H_
