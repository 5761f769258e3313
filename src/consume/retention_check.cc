#include "consume/retention_check.h"

#include "consume/member_events.h"

namespace conveyor::worker {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{500};

}  // namespace

void RetentionCheck::skipped(Partition& partition, std::int64_t position, std::int64_t next,
                             MemberClock::time_point now) {
  partition.retention.skipped(position, next);
  if (partition.retention.must_look(now)) look(partition, now);
}

void RetentionCheck::look(Partition& partition, MemberClock::time_point now) {
  const std::int64_t start = member_.client->known_log_start(partition.where);
  for (const OffsetRange& deleted : partition.retention.looked(start, now)) {
    grow(member_.counters.expired, static_cast<std::uint64_t>(deleted.end - deleted.first));
    member_events::expired(member_.reporter, partition.where, deleted);
  }
}

void RetentionCheck::look_at_all(MemberClock::time_point now) {
  if (now < next_look_) return;
  next_look_ = now + kBetweenLooks;
  for (const auto& partition : member_.partitions) look(*partition, now);
}

void RetentionCheck::last_look(Partition& partition, MemberClock::time_point now) {
  if (partition.retention.has_gaps()) look(partition, now);
}

}  // namespace conveyor::worker
