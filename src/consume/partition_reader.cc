#include "consume/partition_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace conveyor::worker {
namespace {

constexpr int kReadsInARow = 64;  // of one partition, before the others have their turn

}  // namespace

bool PartitionReader::read_some(MemberClock::time_point now) {
  now_ = now;
  bool more = false;
  // By index: what is read may end an assignment.
  for (std::size_t i = 0; i < member_.partitions.size(); ++i) {
    more = read_some_of(PartitionPtr(member_.partitions[i])) || more;
  }
  return more;
}

bool PartitionReader::has_room(const Partition& partition) const noexcept {
  return partition.tracker.in_flight() < member_.options.max_in_flight &&
         partition.bytes_in_flight < member_.options.max_in_flight_bytes;
}

// Where partitions only wait for room, being woken for each record would cost more than the record: a quarter of what
// is in flight leaves the handlers enough to do meanwhile. Who watches for crashes wants to know of each.
std::size_t PartitionReader::completions_before_reading() const noexcept {
  std::optional<std::size_t> least;
  for (const auto& partition : member_.partitions) {
    if (partition->attempts) return 1;
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

// In batches: handing over to another thread costs far more than a small record does.
void PartitionReader::hand_over() {
  if (begun_.empty()) return;
  std::size_t bytes = 0;
  for (const Incoming& incoming : begun_) bytes += incoming.bytes;
  grow(member_.counters.received, begun_.size());
  grow(member_.counters.received_bytes, bytes);
  receiver_.receive(begun_);
  begun_.clear();
}

// @return whether there may be more to read at once
bool PartitionReader::begin_some_of(const PartitionPtr& partition) {
  // Should this process die with a record in hand, the next member would not know of it.
  if (partition->keep_start) return false;
  // A record that is held would be in what a commit says before it is known whether it may be to blame.
  if (parts_.poison.waits_for_end(*partition)) return false;
  // What is finished behind a record that is not would otherwise grow for as long as that takes, and not fit into
  // CommitMetadata, so that all of it came again after a restart.
  if (partition->tracker.tracked() >= member_.most_tracked()) return false;
  if (partition->log.doubts()) {
    parts_.poison.idle(*partition);  // others would wait for what is begun of it
    return false;
  }
  for (int reads = 0; reads < kReadsInARow; ++reads) {
    if (!has_room(*partition)) return false;  // left unread: finishing wakes us
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
  parts_.logs.doubt(partition, &LogWatch::rewound);
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

// The client is set to say where a log ends, once it is there: behind what is never handed out.
void PartitionReader::at_end(Partition& partition, std::int64_t offset) {
  const auto position = partition.tracker.position();
  if (position && offset < *position) {
    if (!partition.tracker.was_done(offset)) parts_.logs.doubt(partition, &LogWatch::rewound);
    return;
  }
  if (position && offset > *position) parts_.retention.skipped(partition, *position, offset, now_);
  partition.log.went_on();
  partition.tracker.pass_to(offset);
}

bool PartitionReader::begin_held(const PartitionPtr& partition) {
  // A plain commit that reaches the coordinator between a transaction's offsets and its end is kept, and nobody is
  // told: the outputs of what it knows nothing of come twice. It was built while nothing was in hand; that must stay
  // so.
  if (member_.options.transacted && partition->committing && member_.client->commit_in_flight()) return false;
  const std::int64_t offset = partition->held.offset();
  int deaths = 0;
  if (partition->attempts) {
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
