#ifndef CONVEYOR_SRC_CONSUME_MEMBER_EVENTS_H_
#define CONVEYOR_SRC_CONSUME_MEMBER_EVENTS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "consume/commit_metadata.h"
#include "kafka/assigned.h"
#include "kafka/client.h"

// Every text that an operator reads about a member of a consumer group: a function for each event and each line.

namespace conveyor::worker::member_events {

using kafka::Reporter;
using kafka::TopicPartition;
using std::chrono::milliseconds;

// Partitions come and go.
void assigned(Reporter& to, const TopicPartition& where, std::optional<std::int64_t> committed);
void revoked(Reporter& to, const TopicPartition& where, std::size_t unfinished);
void lost(Reporter& to, const TopicPartition& where, std::size_t unfinished);
/// The group went on without this member.
void left_behind(Reporter& to);
void leaving_not_confirmed(Reporter& to);

// Topics.
/// @param created it is asked for, which makes the cluster create it
void topic_missing(Reporter& to, std::string_view topic, std::string_view bootstrap_servers, bool created);

// What the client or the brokers say.
void partition_error(Reporter& to, const TopicPartition& where, std::int64_t offset, rd_kafka_resp_err_t error,
                     std::string_view text);
void topic_error(Reporter& to, std::string_view topic, rd_kafka_resp_err_t error, std::string_view text);

// Commits.
/// @return the text
std::string commit_failed(Reporter& to, rd_kafka_resp_err_t error);
/// The brokers take less beside an offset. @param bytes what is written from now on
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
  bool committed = false;      ///< the group still has an offset of it
  bool was_committed = false;  ///< it had one
};
void log_replaced(Reporter& to, const ReplacedLog& log);

// Records that kill the process.
void probing(Reporter& to, const TopicPartition& where, std::int64_t from);
void on_probation(Reporter& to, const TopicPartition& where, std::int64_t offset, milliseconds time);
/// Why a member ends whose records are all taken for ones that kill.
[[nodiscard]] std::string too_many_condemned(const TopicPartition& where, std::int64_t offset, int condemned);

// The client.
void client_broken(Reporter& to, std::string_view why, milliseconds recreated_in);
void client_recreated(Reporter& to, std::string_view why);
/// Why a client is recreated.
[[nodiscard]] std::string stalled(const TopicPartition& where, std::int64_t position, std::int64_t end,
                                  milliseconds time);

}  // namespace conveyor::worker::member_events

#endif  // CONVEYOR_SRC_CONSUME_MEMBER_EVENTS_H_
