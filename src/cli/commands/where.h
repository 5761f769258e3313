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

/// Parses TOPIC[/PARTITION[/OFFSET[..OFFSET]]]. @return nothing when the text is not of this form
[[nodiscard]] std::optional<Where> parse_where(std::string_view text);

/// The place of one record, in the form that parse_where() reads.
[[nodiscard]] std::string place(std::string_view topic, std::int32_t partition, std::int64_t offset);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_WHERE_H_
