#ifndef CONVEYOR_SRC_CLI_COMMANDS_TAIL_RANGE_H_
#define CONVEYOR_SRC_CLI_COMMANDS_TAIL_RANGE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "cli/output/time.h"
#include "kafka/log_offsets.h"

// Which offsets a user means. Nothing here asks a broker.

namespace conveyor::cli {

struct Earliest {
  bool operator==(const Earliest&) const = default;
};
struct Latest {
  bool operator==(const Latest&) const = default;
};
struct AtOffset {
  std::int64_t offset = 0;
  bool operator==(const AtOffset&) const = default;
};
/// So many records before the end.
struct BeforeEnd {
  std::int64_t count = 0;
  bool operator==(const BeforeEnd&) const = default;
};
/// A place in each partition of a topic.
using Position = std::variant<Earliest, Latest, AtOffset, BeforeEnd, Time>;

/// Parses earliest, latest, an offset, -N, or what parse_time() reads. @return nothing when it is none of these
[[nodiscard]] std::optional<Position> parse_position(std::string_view text, Time now);

/// Where to begin in a partition.
/// @param at_time the offset of the first record at Position's time or later, where it is a time
[[nodiscard]] std::int64_t begin_of(const Position& from, const kafka::LogRange& log, std::int64_t at_time);
/// Where to end: an offset is the last one that is read; a time excludes records from then on.
[[nodiscard]] std::int64_t end_of(const Position& to, const kafka::LogRange& log, std::int64_t at_time);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_TAIL_RANGE_H_
