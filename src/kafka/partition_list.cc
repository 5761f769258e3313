#include "kafka/partition_list.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "conveyor/channel.h"

namespace conveyor::kafka {
namespace {

// The list frees the metadata with rd_free(), which is free().
void set_metadata(rd_kafka_topic_partition_t& element, std::string_view metadata) {
  if (metadata.empty()) return;
  element.metadata = std::malloc(metadata.size());  // NOLINT(cppcoreguidelines-no-malloc)
  if (element.metadata == nullptr) throw std::bad_alloc();
  std::memcpy(element.metadata, metadata.data(), metadata.size());
  element.metadata_size = metadata.size();
}

}  // namespace

TopicPartition where_of(const rd_kafka_topic_partition_t& element) {
  return {detail::intern_topic(element.topic, {}), element.partition};
}

PartitionList list_of(std::span<const TopicPartition> partitions) {
  PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& [topic, partition] : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), std::string(topic).c_str(), partition);
  }
  return list;
}

PartitionList list_of(std::span<const OffsetToCommit> offsets) {
  PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
  for (const auto& offset : offsets) {
    rd_kafka_topic_partition_t* element =
        rd_kafka_topic_partition_list_add(list.get(), std::string(offset.where.topic).c_str(), offset.where.partition);
    element->offset = offset.next;
    set_metadata(*element, offset.metadata);
  }
  return list;
}

std::vector<TopicPartition> partitions_in(const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> partitions;
  for (const auto& element : elements(list)) partitions.push_back(where_of(element));
  return partitions;
}

}  // namespace conveyor::kafka
