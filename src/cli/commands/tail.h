#ifndef CONVEYOR_SRC_CLI_COMMANDS_TAIL_H_
#define CONVEYOR_SRC_CLI_COMMANDS_TAIL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/commands/record_filter.h"
#include "cli/commands/tail_range.h"
#include "cli/connection.h"
#include "conveyor/config.h"

namespace conveyor::cli {

struct TailOptions {
  Connection connection = {};
  std::string topic = {};
  std::string from = "-10";
  std::string to = {};
  std::vector<std::int32_t> partitions = {};
  std::optional<std::string> key = {};
  std::vector<std::string> headers = {};
  std::string trace = {};
  std::vector<std::string> fields = {};
  std::optional<std::uint64_t> limit = {};
  bool follow = false;
  bool json = false;
  std::string type = {};
  std::vector<std::string> descriptors = {};
  bool raw = false;
  std::string save = {};
  int wait_seconds = 10;

  [[nodiscard]] RecordFilter filter() const;
};

/// Offsets of a partition, from `begin` up to, but not including, `end`.
struct TailRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;  ///< the greatest number: there is none
};

/// What is to be read of each partition. @throws Error
[[nodiscard]] std::map<std::int32_t, TailRange> ranges_to_tail(const Config& config, const TailOptions& options,
                                                               const std::stop_token& stop);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_TAIL_H_
