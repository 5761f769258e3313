#ifndef CONVEYOR_SRC_KAFKA_ASSIGNED_PARTITION_H_
#define CONVEYOR_SRC_KAFKA_ASSIGNED_PARTITION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kafka/record_queue.h"

namespace conveyor::kafka {

struct TopicPartition {
  std::string_view topic = {};  ///< lives as long as the process
  std::int32_t partition = -1;
  bool operator==(const TopicPartition&) const = default;
};

/// Where a group begins to read a partition.
struct StartOffset {
  /// the group's committed offset; none: the group has never committed one
  std::optional<std::int64_t> committed = {};
  std::optional<std::int64_t> start = {};  ///< where reading begins; none: at the beginning of the log
  std::string metadata = {};               ///< the commit metadata stored with it
  /// number of partitions of the topic, where StartAt::kLatest decides by it; 0: not known
  std::int32_t topic_began_with = 0;
  /// No commit tells the next member where this one began: `start` must be committed before a record is handled.
  bool keep = false;
};

/// A partition that was assigned to this member, with the queue that delivers its records. The queue is never paused:
/// while nobody reads it, it holds what librdkafka prefetched, and the membership continues.
struct Assigned {
  TopicPartition where = {};
  StartOffset start_offset = {};
  std::unique_ptr<RecordQueue> queue = {};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_ASSIGNED_PARTITION_H_
