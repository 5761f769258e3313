#include "worker/offset_tracker.h"

#include <algorithm>

namespace conveyor::worker {

void OffsetTracker::read(std::int64_t offset) {
  if (!next_) first_read_ = offset;
  entries_.push_back({offset, false});
  ++in_flight_;
  next_ = offset + 1;
}

bool OffsetTracker::finish(std::int64_t offset) {
  const auto found = std::ranges::lower_bound(entries_, offset, {}, &Entry::offset);
  if (found == entries_.end() || found->offset != offset || found->finished) return false;
  found->finished = true;
  --in_flight_;
  while (!entries_.empty() && entries_.front().finished) entries_.pop_front();
  return true;
}

std::optional<std::int64_t> OffsetTracker::committable() const noexcept {
  if (!next_) return {};
  const std::int64_t next = entries_.empty() ? *next_ : entries_.front().offset;
  const bool anything_finished = entries_.empty() || next > first_read_;
  if (!anything_finished) return {};
  if (committed_ && next <= *committed_) return {};
  return next;
}

void OffsetTracker::committed(std::int64_t next) noexcept {
  if (!committed_ || next > *committed_) committed_ = next;
}

}  // namespace conveyor::worker
