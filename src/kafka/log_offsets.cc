#include "kafka/log_offsets.h"

#include <string>

#include "kafka/deadline.h"
#include "kafka/handle.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

// ListOffsets takes RD_KAFKA_OFFSET_BEGINNING and RD_KAFKA_OFFSET_END in the place of timestamps:
// https://kafka.apache.org/protocol#The_Messages_ListOffsets
//
// rd_kafka_query_watermark_offsets() asks for both at once, but in librdkafka 2.0.2 it waits for socket.timeout.ms (a
// minute), whatever timeout it is given.
rd_kafka_resp_err_t ask(rd_kafka_t* client, std::span<const TopicPartition> partitions, std::int64_t side,
                        milliseconds within, std::span<std::int64_t> offsets) {
  const PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& [topic, partition] : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), std::string(topic).c_str(), partition)->offset = side;
  }
  const auto error = rd_kafka_offsets_for_times(client, list.get(), static_cast<int>(within.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const rd_kafka_topic_partition_t& answer = list->elems[i];
    if (answer.err != RD_KAFKA_RESP_ERR_NO_ERROR) return answer.err;
    if (answer.offset < 0) return RD_KAFKA_RESP_ERR__BAD_MSG;
    offsets[i] = answer.offset;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

using Offsets = std::vector<std::optional<std::int64_t>>;

// Asks each leader once for all its partitions, all leaders at the same time. If one leader does not answer, or one
// partition has an error, no partition gets an answer. Then each partition is asked for alone, with half of the time
// that is left.
Offsets ask_each(rd_kafka_t* client, std::span<const TopicPartition> partitions, std::int64_t side,
                 milliseconds within) {
  if (partitions.empty()) return {};
  const Deadline deadline(within);
  std::vector<std::int64_t> told(partitions.size());
  const auto share = partitions.size() == 1 ? within : within / 2;
  if (ask(client, partitions, side, share, told) == RD_KAFKA_RESP_ERR_NO_ERROR) return {told.begin(), told.end()};
  Offsets offsets(partitions.size());
  if (partitions.size() == 1) return offsets;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto error = ask(client, partitions.subspan(i, 1), side, deadline.left() / 2, std::span(told).subspan(i, 1));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) offsets[i] = told[i];
  }
  return offsets;
}

}  // namespace

LogRangeAnswer ask_log_range(rd_kafka_t* client, const TopicPartition& where, milliseconds within) {
  const Deadline deadline(within);
  const std::span one(&where, 1);
  LogRangeAnswer answer;
  auto& [begin, end] = answer.range;
  answer.error = ask(client, one, RD_KAFKA_OFFSET_BEGINNING, deadline.left(), std::span(&begin, 1));
  if (answer.error != RD_KAFKA_RESP_ERR_NO_ERROR) return answer;
  answer.error = ask(client, one, RD_KAFKA_OFFSET_END, deadline.left(), std::span(&end, 1));
  return answer;
}

std::vector<std::optional<LogRange>> ask_log_ranges(rd_kafka_t* client, std::span<const TopicPartition> partitions,
                                                    milliseconds within) {
  const Deadline deadline(within);
  const auto begins = ask_each(client, partitions, RD_KAFKA_OFFSET_BEGINNING, within / 2);
  const auto ends = ask_each(client, partitions, RD_KAFKA_OFFSET_END, deadline.left());
  std::vector<std::optional<LogRange>> ranges(partitions.size());
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (begins[i] && ends[i]) ranges[i] = {*begins[i], *ends[i]};
  }
  return ranges;
}

std::vector<std::optional<std::int64_t>> ask_log_ends(rd_kafka_t* client, std::span<const TopicPartition> partitions,
                                                      milliseconds within) {
  return ask_each(client, partitions, RD_KAFKA_OFFSET_END, within);
}

}  // namespace conveyor::kafka
