#ifndef CONVEYOR_SRC_CLI_COMMAND_H_
#define CONVEYOR_SRC_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <functional>

namespace conveyor::cli {

/// What the process answers with; the command's help documents them.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,  ///< what was asked for could not be done; standard error says why
  kUsage = 2,   ///< the command line is wrong
};

/// What the chosen subcommand does once the whole command line is read. @throws Error, which becomes kFailed
using Run = std::function<ExitCode()>;

// Each adds its subcommand, with help and examples; when the user chose it, it sets `run`.
void add_broker(CLI::App& app, Run& run);
void add_channels(CLI::App& app, Run& run);
void add_classifier(CLI::App& app, Run& run);  // where Conveyor::vision is built
void add_dead_letters(CLI::App& app, Run& run);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMAND_H_
