#ifndef CONVEYOR_SRC_KAFKA_ASSIGNED_H_
#define CONVEYOR_SRC_KAFKA_ASSIGNED_H_

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
struct Place {
  std::optional<std::int64_t> committed = {};  ///< where the group stopped; none: it has never committed here
  std::optional<std::int64_t> start = {};      ///< where reading begins; none: at the beginning of the log
  std::string metadata = {};                   ///< what was committed with it
  std::int32_t topic_began_with = 0;           ///< partitions, where StartAt::kLatest decides by them; 0: not known
  /// Nothing tells the next member where this one began: `start` is to be committed before a record is handled.
  bool keep = false;
};

/// A partition this member was given, with the queue its records come by. The queue is never paused: left unread, it
/// holds what librdkafka prefetched while membership goes on.
struct Assigned {
  TopicPartition where = {};
  Place place = {};
  std::unique_ptr<RecordQueue> queue = {};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_ASSIGNED_H_
