#ifndef CONVEYOR_SRC_KAFKA_LOG_OFFSETS_H_
#define CONVEYOR_SRC_KAFKA_LOG_OFFSETS_H_

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kafka/assigned.h"

namespace conveyor::kafka {

/// Offsets from `begin` up to, not including, `end`; of a consumer that reads committed records, up to the first
/// transaction that is open.
struct LogRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct LogRangeAnswer {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  LogRange range = {};
};

/// Where a partition's log begins and ends, as its leader tells.
///
/// Thread safety: these functions may be called from any thread while the client lives.
[[nodiscard]] LogRangeAnswer ask_log_range(rd_kafka_t* client, const TopicPartition& where,
                                           std::chrono::milliseconds within);

/// The same of several, in their order; nothing where no answer came. One whose leader does not answer leaves the
/// others at least half of the time that was left. @param within of all together
[[nodiscard]] std::vector<std::optional<LogRange>> ask_log_ranges(rd_kafka_t* client,
                                                                  std::span<const TopicPartition> partitions,
                                                                  std::chrono::milliseconds within);
/// Only where they end.
[[nodiscard]] std::vector<std::optional<std::int64_t>> ask_log_ends(rd_kafka_t* client,
                                                                    std::span<const TopicPartition> partitions,
                                                                    std::chrono::milliseconds within);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_LOG_OFFSETS_H_
