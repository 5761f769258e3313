#ifndef CONVEYOR_SRC_KAFKA_LOG_OFFSETS_H_
#define CONVEYOR_SRC_KAFKA_LOG_OFFSETS_H_

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kafka/assigned_partition.h"

namespace conveyor::kafka {

/// Offsets from `begin` up to, but not including, `end`. For a consumer of committed records the end is the beginning
/// of the first open transaction.
struct LogRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct LogRangeAnswer {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  LogRange range = {};
};

/// Where a partition's log begins and ends, as its leader answers.
///
/// Thread safety: these functions may be called from any thread while the client lives.
[[nodiscard]] LogRangeAnswer ask_log_range(rd_kafka_t* client, const TopicPartition& where,
                                           std::chrono::milliseconds within);

/// The same for several partitions, in their order; nothing where no answer came. A leader that does not answer leaves
/// at least half of the remaining time to the others.
/// @param within for all partitions together
[[nodiscard]] std::vector<std::optional<LogRange>> ask_log_ranges(rd_kafka_t* client,
                                                                  std::span<const TopicPartition> partitions,
                                                                  std::chrono::milliseconds within);
/// Asks only where the logs end.
[[nodiscard]] std::vector<std::optional<std::int64_t>> ask_log_ends(rd_kafka_t* client,
                                                                    std::span<const TopicPartition> partitions,
                                                                    std::chrono::milliseconds within);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_LOG_OFFSETS_H_
