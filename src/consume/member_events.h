#ifndef CONVEYOR_SRC_CONSUME_MEMBER_EVENTS_H_
#define CONVEYOR_SRC_CONSUME_MEMBER_EVENTS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "consume/commit_metadata.h"
#include "kafka/assigned_partition.h"
#include "kafka/client.h"

// All texts that an operator reads about a member of a consumer group: one function for each event and log line.

namespace conveyor::worker::member_events {

using kafka::Reporter;
using kafka::TopicPartition;
using std::chrono::milliseconds;

// Partitions come and go.
void assigned(Reporter& to, const TopicPartition& where, std::optional<std::int64_t> committed);
void revoked(Reporter& to, const TopicPartition& where, std::size_t unfinished);
void lost(Reporter& to, const TopicPartition& where, std::size_t unfinished);
/// The group continued without this member.
void left_behind(Reporter& to);
void leaving_not_confirmed(Reporter& to);

// Topics.
/// @param created whether the member asks the cluster for the topic, which makes the cluster create it
void topic_missing(Reporter& to, std::string_view topic, std::string_view bootstrap_servers, bool created);

// Errors of the client or the brokers.
void partition_error(Reporter& to, const TopicPartition& where, std::int64_t offset, rd_kafka_resp_err_t error,
                     std::string_view text);
void topic_error(Reporter& to, std::string_view topic, rd_kafka_resp_err_t error, std::string_view text);

// Commits.
/// @return the text of the event
std::string commit_failed(Reporter& to, rd_kafka_resp_err_t error);
/// The brokers accept less commit metadata. @param bytes the new limit
void metadata_shortened(Reporter& to, std::size_t bytes);

// Logs.
void expired(Reporter& to, const TopicPartition& where, const OffsetRange& deleted);
void lagging_broker(Reporter& to, const TopicPartition& where, std::int64_t position);
void log_is_shorter(Reporter& to, const TopicPartition& where, std::int64_t position, std::int64_t end,
                    milliseconds believed_after);
struct ReplacedLog {
  TopicPartition where = {};
  std::int64_t position = 0;
  std::int64_t end = 0;
  bool committed = false;      ///< the group still has a committed offset of it
  bool was_committed = false;  ///< the group had one before
};
void log_replaced(Reporter& to, const ReplacedLog& log);

// Records that kill the process.
void probing(Reporter& to, const TopicPartition& where, std::int64_t from);
void on_probation(Reporter& to, const TopicPartition& where, std::int64_t offset, milliseconds time);
/// The error of a member that ends because it would condemn too many records.
[[nodiscard]] std::string too_many_condemned(const TopicPartition& where, std::int64_t offset, int condemned);

// The client.
void client_broken(Reporter& to, std::string_view why, milliseconds recreated_in);
void client_recreated(Reporter& to, std::string_view why);
/// Why a client is recreated.
[[nodiscard]] std::string stalled(const TopicPartition& where, std::int64_t position, std::int64_t end,
                                  milliseconds time);

}  // namespace conveyor::worker::member_events

#endif  // CONVEYOR_SRC_CONSUME_MEMBER_EVENTS_H_
