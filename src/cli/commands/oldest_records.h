#ifndef CONVEYOR_SRC_CLI_COMMANDS_OLDEST_RECORDS_H_
#define CONVEYOR_SRC_CLI_COMMANDS_OLDEST_RECORDS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <tuple>
#include <vector>

#include "cli/commands/partition_lag.h"
#include "conveyor/config.h"
#include "kafka/partitions_reader.h"

namespace conveyor::cli {

/// Finds how old the oldest record is that a group has not committed, by reading it. What was found is remembered.
///
/// Thread safety: use it from one thread.
class OldestRecords {
 public:
  explicit OldestRecords(const Config& config) : config_(config) {}

  /// Sets PartitionLag::age of those partitions whose lag is known: 0 where no record is left that a reader of committed
  /// records would get. It stays unset where no answer came in time, and where the oldest records belong to an open
  /// transaction.
  void find_ages(std::span<PartitionLag> partitions, std::chrono::milliseconds within, const std::stop_token& stop);

 private:
  using Place = std::tuple<std::string_view, std::int32_t, std::int64_t>;
  struct Round;

  static Place place_of(const PartitionLag& partition);
  void read(Round& round, std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);
  void take(const kafka::ConsumedRecord& record, Round& round);
  void set_ages(std::span<PartitionLag> partitions);

  const Config config_;
  std::optional<kafka::PartitionsReader> reader_;
  std::map<Place, std::int64_t> timestamps_;   // milliseconds since 1970; -1: the record has none
  std::map<Place, std::int64_t> empty_up_to_;  // no record lies between the place and this offset
};

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_OLDEST_RECORDS_H_
