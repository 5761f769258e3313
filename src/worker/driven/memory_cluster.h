#ifndef CONVEYOR_SRC_WORKER_DRIVEN_MEMORY_CLUSTER_H_
#define CONVEYOR_SRC_WORKER_DRIVEN_MEMORY_CLUSTER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conveyor/message.h"
#include "kafka/assigned_partition.h"
#include "kafka/consumed_record.h"

namespace conveyor::worker {

/// Brokers in memory. They hold what a worker is to read, what its group has committed, and what it has sent. Every
/// topic exists, with as many partitions as are used. Nothing fails.
///
/// Thread safety: one thread.
class MemoryCluster {
 public:
  static constexpr std::int32_t kPartitions = 1'024;

  struct Log {
    std::deque<kafka::ConsumedRecord> unread = {};
    std::int64_t end = 0;
    std::optional<std::int64_t> committed = {};
  };
  struct Stored {
    std::string topic = {};  ///< with Config::topic_prefix
    Record record = {};      ///< its topic is not set
    std::optional<std::string> value = {};
  };

  /// Appends a record to a log that the worker reads. @param record this function sets its offset
  void append(const kafka::TopicPartition& where, Record record, std::optional<std::string_view> value);
  /// Appends a record that the worker sends. @param record its partition is the wanted one, or -1 for any
  /// @return the record's partition and offset
  std::pair<std::int32_t, std::int64_t> store(std::string topic, Record record, std::optional<std::string_view> value);

  /// Makes the log at the first call. The reference stays valid.
  [[nodiscard]] Log& log(const kafka::TopicPartition& where) { return logs_[{where.topic, where.partition}]; }
  [[nodiscard]] const Log* find(const kafka::TopicPartition& where) const;
  /// Whether all records that the worker is to read are committed.
  [[nodiscard]] bool all_committed() const;
  [[nodiscard]] const std::vector<Stored>& stored() const noexcept { return stored_; }

 private:
  std::map<std::pair<std::string_view, std::int32_t>, Log> logs_;
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> ends_;  // of the topics that the worker sends to
  std::vector<Stored> stored_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_DRIVEN_MEMORY_CLUSTER_H_
