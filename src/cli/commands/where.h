#ifndef CONVEYOR_SRC_CLI_COMMANDS_WHERE_H_
#define CONVEYOR_SRC_CLI_COMMANDS_WHERE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor::cli {

/// A topic, one of its partitions, or some of its offsets.
struct Where {
  std::string topic = {};
  std::optional<std::int32_t> partition = {};
  std::optional<std::int64_t> first = {};
  std::optional<std::int64_t> last = {};  ///< inclusive
};

/// TOPIC[/PARTITION[/OFFSET[..OFFSET]]]. @return none when it is nothing of the kind
[[nodiscard]] std::optional<Where> parse_where(std::string_view text);

/// One record's place, as parse_where() reads it.
[[nodiscard]] std::string place(std::string_view topic, std::int32_t partition, std::int64_t offset);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_WHERE_H_
