#include "consume/partition_lease.h"

#include <algorithm>

namespace conveyor::worker {

namespace {

constexpr std::int64_t kHour = 3'600;

}  // namespace

PartitionLease::PartitionLease(const Options& options, const std::optional<CommitMetadata>& found, bool another_told)
    : options_(options), window_(options.window) {
  if (!found) return;
  crash_count_ = found->crash_count;
  region_end_ = found->region_end;
  last_suspect_ = found->last_suspect;
  deaths_ = found->deaths;
  condemned_ = found->condemned;
  condemned_since_ = found->condemned_since;
  // That run died with no record in flight, so this record is not the cause.
  if (found->waits && found->run != options_.run) {
    last_suspect_.reset();
    deaths_ = 0;
  }
  const bool died = found->open && found->run != options_.run;
  const bool suspect_open = found->suspect && *found->suspect >= found->offset;
  if (died && suspect_open) {
    deaths_ = last_suspect_ == found->suspect ? deaths_ + 1 : 1;
    last_suspect_ = found->suspect;
  }
  // A record of another partition was the only one that the run was handling.
  if (!died || (another_told && !suspect_open)) return;
  ++crash_count_;
  region_end_ = std::max(region_end_, found->lease_end);
}

int PartitionLease::deaths_of(std::int64_t offset) const noexcept { return last_suspect_ == offset ? deaths_ + 1 : 0; }

// Two named deaths at least: a single one may be a kill from outside that came at that moment.
bool PartitionLease::must_condemn(std::int64_t offset) const noexcept {
  return last_suspect_ == offset && deaths_ >= 2 && deaths_of(offset) >= options_.attempts;
}

int PartitionLease::deaths_to_wait_for(std::int64_t offset) const noexcept {
  return last_suspect_ == offset && waited_for_ != offset ? deaths_ : 0;
}

bool PartitionLease::condemn(std::int64_t now) noexcept {
  const bool long_ago = now < condemned_since_ || now - condemned_since_ >= kHour;
  if (condemned_ == 0 || long_ago) {
    condemned_ = 0;
    condemned_since_ = now;
  }
  if (condemned_ >= options_.most_condemned) return false;
  ++condemned_;
  return true;
}

void PartitionLease::log_ended_at(std::int64_t end) noexcept { region_end_ = std::min(region_end_, end); }

std::optional<std::int64_t> PartitionLease::to_name(std::int64_t base) const noexcept {
  return wanted_ && *wanted_ >= base && probing(base) ? wanted_ : std::nullopt;
}

bool PartitionLease::stale(std::int64_t base, std::int64_t next) const {
  if (waiting_) return !waits_;
  return !open_ || named_ != to_name(base) || plain_metadata(base, next).lease_end > lease_end_;
}

CommitMetadata PartitionLease::plain_metadata(std::int64_t base, std::int64_t next) const {
  CommitMetadata metadata{
      .run = options_.run, .offset = base, .open = true, .condemned = condemned_, .condemned_since = condemned_since_};
  // The log may skip far more than the window between the finished records and the next one.
  const std::int64_t window = window_;
  metadata.lease_end = (next > base + window ? next : base) + window;
  if (probing(base)) {
    metadata.crash_count = crash_count_;
    metadata.region_end = region_end_;
    // If the log skips the rest of the region, no record of the region will be begun, and the next record needs a
    // lease.
    const bool behind_it = next >= region_end_ && !to_name(base);
    metadata.lease_end = behind_it ? next + window : region_end_;
    if (last_suspect_ && *last_suspect_ >= base) {
      metadata.last_suspect = last_suspect_;
      metadata.deaths = deaths_;
    }
  }
  return metadata;
}

CommitMetadata PartitionLease::metadata(std::int64_t base, std::int64_t next) const {
  if (waiting_) {
    CommitMetadata nothing_in_hand = closed_metadata(base);
    nothing_in_hand.waits = true;
    return nothing_in_hand;
  }
  CommitMetadata metadata = plain_metadata(base, next);
  metadata.suspect = to_name(base);
  return metadata;
}

CommitMetadata PartitionLease::closed_metadata(std::int64_t base) const {
  CommitMetadata metadata = plain_metadata(base, base);
  metadata.open = false;
  metadata.lease_end = base;
  return metadata;
}

void PartitionLease::stored(const CommitMetadata& metadata) noexcept {
  open_ = metadata.open;
  waits_ = metadata.waits;
  lease_end_ = std::max(lease_end_, metadata.lease_end);
  named_ = metadata.suspect;
}

void PartitionLease::stored_lease(std::int64_t lease_end) noexcept {
  open_ = true;
  waits_ = false;
  lease_end_ = std::max(lease_end_, lease_end);
  named_.reset();
}

}  // namespace conveyor::worker
