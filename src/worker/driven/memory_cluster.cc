#include "worker/driven/memory_cluster.h"

#include <algorithm>

namespace conveyor::worker {

void MemoryCluster::append(const kafka::TopicPartition& where, Record record, std::optional<std::string_view> value) {
  Log& log = this->log(where);
  record.partition = where.partition;
  record.offset = log.end++;
  log.unread.push_back(kafka::ConsumedRecord::made_from(record, value));
}

std::pair<std::int32_t, std::int64_t> MemoryCluster::store(std::string topic, Record record,
                                                           std::optional<std::string_view> value) {
  record.partition = std::max(record.partition, 0);
  record.offset = ends_[{topic, record.partition}]++;
  const std::pair at{record.partition, record.offset};
  stored_.push_back({std::move(topic), std::move(record), value ? std::optional<std::string>(*value) : std::nullopt});
  return at;
}

const MemoryCluster::Log* MemoryCluster::find(const kafka::TopicPartition& where) const {
  const auto found = logs_.find({where.topic, where.partition});
  return found != logs_.end() ? &found->second : nullptr;
}

bool MemoryCluster::all_committed() const {
  return std::ranges::all_of(logs_, [](const auto& each) { return each.second.committed == each.second.end; });
}

}  // namespace conveyor::worker
