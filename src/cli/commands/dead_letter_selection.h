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

/// The dead letters that a verb is about, and the brokers to ask.
struct DeadLetterSelection {
  Connection connection = {};
  std::vector<std::string> where = {};  ///< in the form that parse_where() reads
  std::vector<std::string> topics = {};
  std::vector<std::string> stages = {};
  std::string since = {};
  std::string until = {};
  std::optional<std::size_t> limit = {};
  int wait_seconds = 10;

  /// Whether it leaves out some dead letters of its partitions and offsets, other than by --limit.
  [[nodiscard]] bool is_filtered() const;
  [[nodiscard]] DeadLetterFilter filter_for(const Where& part) const;
  [[nodiscard]] std::chrono::milliseconds wait() const { return std::chrono::seconds(wait_seconds); }
};

/// Adds all options of a DeadLetterSelection.
void add_selection(CLI::App& command, DeadLetterSelection& selection);
/// Adds only the options of the connection and --wait.
void add_connection(CLI::App& command, DeadLetterSelection& selection);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_DEAD_LETTER_SELECTION_H_
