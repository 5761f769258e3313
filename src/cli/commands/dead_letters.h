#ifndef CONVEYOR_SRC_CLI_COMMANDS_DEAD_LETTERS_H_
#define CONVEYOR_SRC_CLI_COMMANDS_DEAD_LETTERS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/command.h"
#include "conveyor/dead_letters.h"

namespace conveyor::cli {

// Each adds its verb to `conveyor dead-letters`, with help and examples; when the user chose it, it sets `run`.
void add_dead_letters_list(CLI::App& dead_letters, Run& run);
void add_dead_letters_show(CLI::App& dead_letters, Run& run);
void add_dead_letters_replay(CLI::App& dead_letters, Run& run);

[[nodiscard]] std::string place_of(const DeadLetter& letter);
[[nodiscard]] std::string origin_of(const DeadLetter& letter);

/// Says on standard error what was left out or went wrong. @param all how many there were, told one by one or not
void report_problems(const std::string& topic, const std::vector<DeadLetterProblem>& problems, std::uint64_t all);

/// Says it on standard error. @return the exit code for it
ExitCode interrupted();

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_DEAD_LETTERS_H_
