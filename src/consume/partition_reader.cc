#include "consume/partition_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace conveyor::worker {
namespace {

constexpr int kReadsInARow = 64;  // of one partition before it is the next one's turn

}  // namespace

bool PartitionReader::read_some(MemberClock::time_point now) {
  now_ = now;
  bool more = false;
  // Loop by index, because a record read may end an assignment.
  for (std::size_t i = 0; i < member_.partitions.size(); ++i) {
    more = read_some_of(PartitionPtr(member_.partitions[i])) || more;
  }
  return more;
}

bool PartitionReader::has_room(const Partition& partition) const noexcept {
  return partition.tracker.in_flight() < member_.options.max_in_flight &&
         partition.bytes_in_flight < member_.options.max_in_flight_bytes;
}

// When all partitions wait for room, waking this thread for each finished record would cost more than handling the
// record. A quarter of the records in flight keeps the handlers busy meanwhile. When crashes are watched, this thread
// must know of each finished record.
std::size_t PartitionReader::completions_before_reading() const noexcept {
  std::optional<std::size_t> least;
  for (const auto& partition : member_.partitions) {
    if (partition->lease) return 1;
    if (has_room(*partition)) continue;
    const std::size_t quarter = partition->tracker.in_flight() / 4;
    least = std::min(least.value_or(quarter), quarter);
  }
  return std::max<std::size_t>(least.value_or(1), 1);
}

bool PartitionReader::read_some_of(const PartitionPtr& partition) {
  const bool more = begin_some_of(partition);
  hand_over();
  return more;
}

// Hand over in batches: a hand-off to another thread costs far more than handling a small record.
void PartitionReader::hand_over() {
  if (begun_.empty()) return;
  std::size_t bytes = 0;
  for (const Incoming& incoming : begun_) bytes += incoming.bytes;
  grow(member_.counters.received, begun_.size());
  grow(member_.counters.received_bytes, bytes);
  receiver_.receive(begun_);
  begun_.clear();
}

// @return whether more can be read at once
bool PartitionReader::begin_some_of(const PartitionPtr& partition) {
  // Until the start offset is committed, a member that takes over after a crash would not know where reading began.
  if (partition->keep_start) return false;
  // Until the log's end is known, do not hold a record back: the next commit would name it although it may be innocent.
  if (parts_.poison.waits_for_end(*partition)) return false;
  // Stop when too many records are finished behind an unfinished one: the commit metadata has no room for more, and all
  // of them would be handled again after a restart.
  if (partition->tracker.tracked() >= member_.most_tracked()) return false;
  if (partition->log.doubts()) {
    parts_.poison.idle(*partition);  // others would wait for this partition's records
    return false;
  }
  for (int reads = 0; reads < kReadsInARow; ++reads) {
    if (!has_room(*partition)) return false;  // left in the queue: the next finished record wakes this thread
    if (!hold_next(*partition) || !begin_held(partition)) return false;
  }
  return true;
}

bool PartitionReader::hold_next(Partition& partition) {
  while (!partition.held) {
    kafka::ConsumedRecord record = partition.queue->next();
    if (!record) {
      parts_.poison.exhausted(partition);
      return false;
    }
    if (record.error() != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (!on_error(partition, record)) return false;
      continue;
    }
    const Place place = place_of(partition, record.offset());
    if (place == Place::kRewound) return false;
    if (place == Place::kDone) continue;
    if (partition.log.is_shorter()) partition.log.went_on();
    if (partition.tracker.pass_over(record.offset())) continue;
    partition.held = std::move(record);
  }
  return true;
}

PartitionReader::Place PartitionReader::place_of(Partition& partition, std::int64_t offset) {
  const auto position = partition.tracker.position();
  if (!position || offset == *position) return Place::kNext;
  if (offset > *position) {
    parts_.retention.skipped(partition, *position, offset, now_);
    return Place::kNext;
  }
  if (partition.tracker.was_done(offset)) return Place::kDone;
  parts_.logs.doubt(partition, &ReplacedLogWatch::rewound);
  return Place::kRewound;
}

bool PartitionReader::on_error(Partition& partition, const kafka::ConsumedRecord& error) {
  if (error.error() == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    at_end(partition, error.offset());
  } else {
    errors_.on_partition_error(partition, error);
  }
  return !partition.log.doubts();
}

// enable.partition.eof makes the client report the end of the log, after records that it does not return (markers and
// aborted records).
void PartitionReader::at_end(Partition& partition, std::int64_t offset) {
  const auto position = partition.tracker.position();
  if (position && offset < *position) {
    if (!partition.tracker.was_done(offset)) parts_.logs.doubt(partition, &ReplacedLogWatch::rewound);
    return;
  }
  if (position && offset > *position) parts_.retention.skipped(partition, *position, offset, now_);
  partition.log.went_on();
  partition.tracker.pass_to(offset);
}

bool PartitionReader::begin_held(const PartitionPtr& partition) {
  // Begin nothing while a non-transactional commit of this partition is in flight. If it reaches the coordinator
  // between a transaction's offsets and its end, the broker silently keeps it, and committed outputs are produced
  // again. The commit was built while no record was in flight; that must stay
  // true.
  if (member_.options.transacted && partition->committing && member_.client->commit_in_flight()) return false;
  const std::int64_t offset = partition->held.offset();
  int deaths = 0;
  if (partition->lease) {
    const PoisonDetector::Permission permission = parts_.poison.may_begin(*partition, offset, now_);
    if (permission.commit_soon) parts_.committer.soon();
    if (!permission.begin) return false;
    deaths = permission.deaths;
  }
  partition->tracker.read(offset);
  const std::size_t bytes = partition->held.bytes();
  partition->bytes_in_flight += bytes;
  progress_ = true;
  grow(member_.counters.in_flight, 1);
  begun_.push_back({partition, std::exchange(partition->held, {}), offset, bytes, deaths});
  return true;
}

void PartitionReader::drop_ahead(Partition& partition) {
  while (!partition.queue->empty()) {
    const kafka::ConsumedRecord record = partition.queue->next();
    if (!record) return;
    const auto error = record.error();
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      errors_.on_partition_error(partition, record);
    }
  }
}

}  // namespace conveyor::worker
