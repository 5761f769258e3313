#ifndef CONVEYOR_SRC_CLI_COMMANDS_DEAD_LETTER_SELECTION_H_
#define CONVEYOR_SRC_CLI_COMMANDS_DEAD_LETTER_SELECTION_H_

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/where.h"
#include "cli/connection.h"
#include "conveyor/dead_letters.h"

namespace conveyor::cli {

/// Which dead letters a verb is about, and who is asked for them.
struct DeadLetterSelection {
  Connection connection = {};
  std::vector<std::string> where = {};  ///< as parse_where() reads it
  std::vector<std::string> topics = {};
  std::vector<std::string> stages = {};
  std::string since = {};
  std::string until = {};
  std::optional<std::size_t> limit = {};
  int wait_seconds = 10;

  /// Whether it leaves out some within its partitions and offsets, by other things than their number.
  [[nodiscard]] bool is_filtered() const;
  [[nodiscard]] DeadLetterFilter filter_for(const Where& part) const;
  [[nodiscard]] std::chrono::milliseconds wait() const { return std::chrono::seconds(wait_seconds); }
};

/// Adds all of its options.
void add_selection(CLI::App& command, DeadLetterSelection& selection);
/// Adds those that say who is asked, and for how long.
void add_connection(CLI::App& command, DeadLetterSelection& selection);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_DEAD_LETTER_SELECTION_H_
