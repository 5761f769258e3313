#include "cli/commands/oldest_records.h"

#include <algorithm>
#include <set>
#include <utility>

namespace conveyor::cli {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kSlice{100};  // how soon a stop is noticed

}  // namespace

/// Places in different partitions, to be read at the same time.
struct OldestRecords::Round {
  std::map<std::pair<std::string_view, std::int32_t>, std::int64_t> offsets = {};
};

OldestRecords::Place OldestRecords::place_of(const PartitionLag& partition) {
  return {partition.where.topic, partition.where.partition, *partition.committed};
}

void OldestRecords::find_ages(std::span<PartitionLag> partitions, milliseconds within, const std::stop_token& stop) {
  const auto deadline = Clock::now() + within;
  std::set<Place> wanted;
  empty_up_to_.clear();
  for (const PartitionLag& partition : partitions) {
    if (partition.lag().value_or(0) > 0) wanted.insert(place_of(partition));
  }
  std::erase_if(timestamps_, [&](const auto& known) { return !wanted.contains(known.first); });
  std::erase_if(wanted, [&](const Place& place) { return timestamps_.contains(place); });
  if (!wanted.empty() && !reader_) reader_.emplace(config_, kafka::FetchAhead::kLittle);
  // Groups may be at different places of one partition. They come in order, the first of each partition first: what is
  // still in the queue from the place before is then no record of the next place, or already the right one.
  while (!wanted.empty() && Clock::now() < deadline && !stop.stop_requested()) {
    Round round;
    std::erase_if(wanted, [&](const Place& place) {
      const auto& [topic, partition, offset] = place;
      return round.offsets.try_emplace({topic, partition}, offset).second;
    });
    read(round, deadline, stop);
  }
  set_ages(partitions);
}

void OldestRecords::read(Round& round, Clock::time_point deadline, const std::stop_token& stop) {
  for (const auto& [where, offset] : round.offsets) reader_->start({where.first, where.second}, offset);
  while (!round.offsets.empty() && Clock::now() < deadline && !stop.stop_requested()) {
    const auto records = reader_->read(kSlice);
    for (const auto& record : records) take(record, round);
  }
  for (const auto& [where, offset] : round.offsets) reader_->stop({where.first, where.second});
}

void OldestRecords::take(const kafka::ConsumedRecord& record, Round& round) {
  const auto asked = round.offsets.find({record.topic(), record.partition()});
  if (asked == round.offsets.end()) return;
  const auto& [where, offset] = *asked;
  const Place place{where.first, where.second, offset};
  if (record.error() == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (record.offset() < offset) return;
    timestamps_.insert_or_assign(place, record.timestamp_ms());
  } else if (record.error() == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    empty_up_to_.insert_or_assign(place, record.offset());
  } else {
    return;  // the client tries again
  }
  reader_->stop({where.first, where.second});
  round.offsets.erase(asked);
}

void OldestRecords::set_ages(std::span<PartitionLag> partitions) {
  const auto now = std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  for (PartitionLag& partition : partitions) {
    if (!partition.lag()) continue;
    if (*partition.lag() <= 0) {
      partition.age = milliseconds(0);
      continue;
    }
    const Place place = place_of(partition);
    if (const auto known = timestamps_.find(place); known != timestamps_.end()) {
      // Clocks differ: a record may come from the future.
      if (known->second >= 0) partition.age = std::max(now - milliseconds(known->second), milliseconds(0));
    } else if (const auto empty = empty_up_to_.find(place); empty != empty_up_to_.end()) {
      if (empty->second >= *partition.end) partition.age = milliseconds(0);
    }
  }
}

}  // namespace conveyor::cli
