#ifndef CONVEYOR_SRC_CLI_RUN_COMMAND_H_
#define CONVEYOR_SRC_CLI_RUN_COMMAND_H_

#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace conveyor::cli {

/// Parses the command line and does what the chosen subcommand set `run` to. Help, versions and errors are printed as
/// all of conveyor's programs print them.
/// @param app whose name stands in front of errors
/// @return the exit code
[[nodiscard]] int run_command(CLI::App& app, const Run& run, int argc, const char* const* argv);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_RUN_COMMAND_H_
