#include "consume/offset_tracker.h"

#include <algorithm>
#include <iterator>

namespace conveyor::worker {

OffsetTracker::OffsetTracker(std::optional<std::int64_t> committed, std::vector<OffsetRange> done)
    : committed_(committed), done_before_(done.begin(), done.end()) {}

void OffsetTracker::read(std::int64_t offset) {
  ++in_flight_;
  push(offset, false);
}

bool OffsetTracker::pass_over(std::int64_t offset) {
  if (next_ && offset < *next_) return true;
  if (!done_before(offset)) return false;
  push(offset, true);
  shorten();
  return true;
}

void OffsetTracker::pass_to(std::int64_t end) {
  if (end <= position().value_or(0)) return;
  if (!next_) first_read_ = end;
  next_ = end;
  shorten();
}

bool OffsetTracker::done_before(std::int64_t offset) {
  while (!done_before_.empty() && done_before_.front().end <= offset) done_before_.pop_front();
  return !done_before_.empty() && done_before_.front().first <= offset;
}

void OffsetTracker::push(std::int64_t offset, bool finished) {
  if (!next_) first_read_ = offset;
  entries_.push_back({offset, finished});
  next_ = offset + 1;
}

void OffsetTracker::shorten() {
  while (!entries_.empty() && entries_.front().finished) entries_.pop_front();
  while (entries_.empty() && !done_before_.empty() && done_before_.front().first <= *next_) {
    done_ = done_before_.front();
    next_ = std::max(*next_, done_.end);
    done_before_.pop_front();
  }
}

bool OffsetTracker::finish(std::int64_t offset) {
  if (entries_.empty() || offset < entries_.front().offset) return false;
  // The entry's index, unless the log skips offsets.
  auto found = entries_.begin() + std::min<std::ptrdiff_t>(offset - entries_.front().offset, std::ssize(entries_));
  if (found == entries_.end() || found->offset != offset) {
    found = std::ranges::lower_bound(entries_.begin(), found, offset, {}, &Entry::offset);
  }
  if (found == entries_.end() || found->offset != offset || found->finished) return false;
  found->finished = true;
  --in_flight_;
  shorten();
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

std::optional<std::int64_t> OffsetTracker::base() const noexcept {
  if (!next_) return committed_;
  return std::max(entries_.empty() ? *next_ : entries_.front().offset, committed_.value_or(0));
}

std::vector<OffsetRange> OffsetTracker::done_above() const {
  std::vector<OffsetRange> ranges;
  bool touching = false;  // offsets that the log skips between two finished records count as finished too
  for (const Entry& entry : entries_) {
    if (entry.finished && touching) {
      ranges.back().end = entry.offset + 1;
    } else if (entry.finished) {
      ranges.push_back({entry.offset, entry.offset + 1});
    }
    touching = entry.finished;
  }
  const std::int64_t read_up_to = next_.value_or(0);
  for (const OffsetRange& range : done_before_) {
    const std::int64_t first = std::max(range.first, read_up_to);
    if (first >= range.end) continue;
    if (!ranges.empty() && ranges.back().end == first) {
      ranges.back().end = range.end;
    } else {
      ranges.push_back({first, range.end});
    }
  }
  return ranges;
}

void OffsetTracker::committed(std::int64_t next) noexcept {
  if (!committed_ || next > *committed_) committed_ = next;
}

}  // namespace conveyor::worker
