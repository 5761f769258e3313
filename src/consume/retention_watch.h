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

/// Which offsets of a partition were deleted before they were read: by retention, or because somebody asked for it.
///
/// A log also skips offsets by itself: compaction leaves gaps, and the markers of transactions and what was aborted
/// have offsets but are not read. Deleted is what lies below a start of the log, and reading goes on at that start; so
/// a gap is a deletion only if a start of the log, as it was seen while reading, lies in it.
///
/// A decision without threads, clock or broker.
class RetentionWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// Reading went from `position` to `next`, above it: see looked().
  void skipped(std::int64_t position, std::int64_t next) { gaps_.push_back({position, next}); }
  [[nodiscard]] bool has_gaps() const noexcept { return !gaps_.empty(); }
  /// Where the log begins should be looked up for the gaps. A compacted topic has one before almost every record, and
  /// the look costs more than a small record does.
  [[nodiscard]] bool must_look(Clock::time_point now) const noexcept {
    return gaps_.size() >= kMostGaps || now - looked_at_ >= kBetweenLooks;
  }
  /// @param start of the log, as far as it is known; negative: it is not
  /// @return what was deleted in the gaps since the last look
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

  /// The log begins there now.
  void log_starts_at(std::int64_t offset) {
    if (offset <= 0 || (!starts_.empty() && starts_.back() >= offset)) return;
    if (starts_.size() == kMostStarts) starts_.erase(starts_.begin());
    starts_.push_back(offset);
  }

  /// Reading went from `position` to `next`, above it. @return what was deleted of the offsets between
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

  Clock::time_point looked_at_ = {};  // for gaps
  std::vector<OffsetRange> gaps_;     // not looked into yet
  std::vector<std::int64_t> starts_;  // rising
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_RETENTION_WATCH_H_
