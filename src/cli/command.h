#ifndef CONVEYOR_SRC_CLI_COMMAND_H_
#define CONVEYOR_SRC_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <functional>

namespace conveyor::cli {

/// The exit codes of the command; its help documents them.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,  ///< the request could not be carried out; standard error says why
  kUsage = 2,   ///< the command line is wrong
};

/// What the chosen subcommand does, once the whole command line is read. An Error that it throws becomes kFailed.
using Run = std::function<ExitCode()>;

// Each of these adds its subcommand, with help and examples. When the user chooses it, it sets `run`.
void add_broker(CLI::App& app, Run& run);
void add_channels(CLI::App& app, Run& run);
void add_dead_letters(CLI::App& app, Run& run);
void add_lag(CLI::App& app, Run& run);
void add_send(CLI::App& app, Run& run);
void add_tail(CLI::App& app, Run& run);
void add_topics(CLI::App& app, Run& run);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMAND_H_
