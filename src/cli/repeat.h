#ifndef CONVEYOR_SRC_CLI_REPEAT_H_
#define CONVEYOR_SRC_CLI_REPEAT_H_

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/command.h"

namespace conveyor::cli {

/// The option --watch [SECONDS] of commands that look again and again.
struct Watch {
  std::vector<std::string> seconds = {};  ///< empty: not given

  [[nodiscard]] bool asked_for() const noexcept { return !seconds.empty(); }
  [[nodiscard]] std::chrono::milliseconds every() const;
};

void add_watch(CLI::App& command, Watch& watch);

/// Calls `look` once or, if asked for, until the stop. Each look begins a new screen on a terminal.
/// @param for_people whether the output begins with the time
/// @return what `look` has returned; kOk where a stop ended it, even in the middle of a look
ExitCode repeat(const Watch& watch, const std::stop_token& stop, bool for_people,
                const std::function<ExitCode()>& look);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_REPEAT_H_
