#ifndef CONVEYOR_SRC_CLI_COMMANDS_DEAD_LETTERS_H_
#define CONVEYOR_SRC_CLI_COMMANDS_DEAD_LETTERS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/command.h"
#include "conveyor/dead_letters.h"

namespace conveyor::cli {

// Each of these adds its verb to `conveyor dead-letters`, with help and examples. When the user chooses it, it sets
// `run`.
void add_dead_letters_list(CLI::App& dead_letters, Run& run);
void add_dead_letters_show(CLI::App& dead_letters, Run& run);
void add_dead_letters_replay(CLI::App& dead_letters, Run& run);

[[nodiscard]] std::string place_of(const DeadLetter& letter);
[[nodiscard]] std::string origin_of(const DeadLetter& letter);

/// Prints on standard error what was left out or failed. @param all the number of problems, those without an entry
/// included
void report_problems(const std::string& topic, const std::vector<DeadLetterProblem>& problems, std::uint64_t all);

/// Prints on standard error that the command was interrupted. @return the exit code
ExitCode interrupted();

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_DEAD_LETTERS_H_
