#include "kafka/group_questions.h"

#include "kafka/handle.h"
#include "kafka/partition_list.h"

namespace conveyor::kafka {

std::vector<OffsetToCommit> ask_committed(rd_kafka_t* client, std::span<const TopicPartition> partitions,
                                          std::chrono::milliseconds within) {
  const PartitionList list = list_of(partitions);
  if (rd_kafka_committed(client, list.get(), static_cast<int>(within.count())) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  std::vector<OffsetToCommit> offsets;
  for (const auto& element : elements(list.get())) {
    if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR) offsets.push_back({where_of(element), element.offset});
  }
  return offsets;
}

rd_kafka_resp_err_t ask_topic_error(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds within) {
  const Topic handle{rd_kafka_topic_new(client, topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(client, 0, handle.get(), &raw, static_cast<int>(within.count()));
  const Metadata metadata{raw};
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  return metadata->topic_cnt > 0 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::int64_t known_log_start(rd_kafka_t* client, const TopicPartition& where) {
  std::int64_t low = -1;
  std::int64_t high = -1;
  const auto error =
      rd_kafka_get_watermark_offsets(client, std::string(where.topic).c_str(), where.partition, &low, &high);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? low : -1;
}

std::int64_t passed(rd_kafka_t* client, const TopicPartition& where) {
  const PartitionList list = list_of(std::span(&where, 1));
  rd_kafka_position(client, list.get());
  return list->elems[0].offset;
}

}  // namespace conveyor::kafka
