#ifndef CONVEYOR_SRC_CONSUME_RETENTION_WATCH_H_
#define CONVEYOR_SRC_CONSUME_RETENTION_WATCH_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "consume/commit_metadata.h"

namespace conveyor::worker {

/// Finds out which offsets of a partition were deleted before they were read, by retention or by DeleteRecords.
///
/// A log also skips offsets by itself: compaction leaves gaps, and transaction markers and aborted records have offsets
/// but are not returned. Offsets are deleted only below the start of the log, and reading goes on at that start. So a
/// gap is a deletion only if a log start that was seen while reading lies in the gap.
///
/// Pure: no threads, no clock, no broker.
class RetentionWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// The next record read is at `next`, although the position was `position`, below it: see looked().
  void skipped(std::int64_t position, std::int64_t next) { gaps_.push_back({position, next}); }
  [[nodiscard]] bool has_gaps() const noexcept { return !gaps_.empty(); }
  /// Whether to look up where the log begins, to explain the gaps. Compacted topics have a gap before almost every
  /// record, and a look costs more than handling a small record.
  [[nodiscard]] bool must_look(Clock::time_point now) const noexcept {
    return gaps_.size() >= kMostGaps || now - looked_at_ >= kBetweenLooks;
  }
  /// @param start the log's first offset, as far as the client knows it; negative: not known
  /// @return the offsets that were deleted in the gaps since the last look
  [[nodiscard]] std::vector<OffsetRange> looked(std::int64_t start, Clock::time_point now) {
    if (!gaps_.empty()) looked_at_ = now;
    log_starts_at(start);
    std::vector<OffsetRange> found;
    for (const OffsetRange& gap : gaps_) {
      if (const auto range = deleted(gap.first, gap.end)) found.push_back(*range);
    }
    gaps_.clear();
    return found;
  }

  /// The log begins at this offset now.
  void log_starts_at(std::int64_t offset) {
    if (offset <= 0 || (!starts_.empty() && starts_.back() >= offset)) return;
    if (starts_.size() == kMostStarts) starts_.erase(starts_.begin());
    starts_.push_back(offset);
  }

  /// The next record read is at `next`, although the position was `position`, below it. @return what was deleted of the
  /// offsets between
  [[nodiscard]] std::optional<OffsetRange> deleted(std::int64_t position, std::int64_t next) {
    const auto first = std::ranges::upper_bound(starts_, position);
    const auto end = std::ranges::upper_bound(starts_, next);
    std::optional<OffsetRange> range;
    if (first != end) range = {position, *std::prev(end)};
    starts_.erase(starts_.begin(), first);
    return range;
  }

 private:
  static constexpr std::size_t kMostStarts = 64;
  static constexpr std::size_t kMostGaps = 64;
  static constexpr std::chrono::milliseconds kBetweenLooks{10};

  Clock::time_point looked_at_ = {};  // to explain gaps
  std::vector<OffsetRange> gaps_;     // not examined yet
  std::vector<std::int64_t> starts_;  // rising
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_RETENTION_WATCH_H_
