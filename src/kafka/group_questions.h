#ifndef CONVEYOR_SRC_KAFKA_GROUP_QUESTIONS_H_
#define CONVEYOR_SRC_KAFKA_GROUP_QUESTIONS_H_

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kafka/assigned_partition.h"
#include "kafka/consumer_client.h"

// Questions of a member to its client and, through it, to the brokers. May be called from any thread while the client
// lives.

namespace conveyor::kafka {

/// As PartitionQuestions::committed().
[[nodiscard]] std::vector<OffsetToCommit> ask_committed(rd_kafka_t* client, std::span<const TopicPartition> partitions,
                                                        std::chrono::milliseconds within);
/// As TopicQuestions::ask_for_topic().
[[nodiscard]] rd_kafka_resp_err_t ask_topic_error(rd_kafka_t* client, const std::string& topic,
                                                  std::chrono::milliseconds within);
/// As in LogPositions: the client knows the answer; no broker is asked.
[[nodiscard]] std::int64_t known_log_start(rd_kafka_t* client, const TopicPartition& where);
[[nodiscard]] std::int64_t passed(rd_kafka_t* client, const TopicPartition& where);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_GROUP_QUESTIONS_H_
