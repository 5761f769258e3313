#ifndef CONVEYOR_SRC_KAFKA_PARTITION_LIST_H_
#define CONVEYOR_SRC_KAFKA_PARTITION_LIST_H_

#include <cstddef>
#include <span>
#include <vector>

#include "kafka/assigned_partition.h"
#include "kafka/consumer_client.h"
#include "kafka/handle.h"

namespace conveyor::kafka {

[[nodiscard]] PartitionList list_of(std::span<const TopicPartition> partitions);
/// @throws std::bad_alloc
[[nodiscard]] PartitionList list_of(std::span<const OffsetToCommit> offsets);

[[nodiscard]] TopicPartition where_of(const rd_kafka_topic_partition_t& element);
[[nodiscard]] std::vector<TopicPartition> partitions_in(const rd_kafka_topic_partition_list_t* list);

[[nodiscard]] inline std::span<const rd_kafka_topic_partition_t> elements(const rd_kafka_topic_partition_list_t* list) {
  return {list->elems, static_cast<std::size_t>(list->cnt)};
}

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PARTITION_LIST_H_
