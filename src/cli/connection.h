#ifndef CONVEYOR_SRC_CLI_CONNECTION_H_
#define CONVEYOR_SRC_CLI_CONNECTION_H_

#include <CLI/CLI.hpp>
#include <string>

#include "conveyor/config.h"

namespace conveyor::cli {

/// The options that tell a command how to reach Kafka.
struct Connection {
  std::string bootstrap_servers = {};
  std::string config_file = {};
};

void add_connection(CLI::App& command, Connection& connection);
/// Adds the option --wait.
void add_wait(CLI::App& command, int& seconds);

/// Config::from_env(), overridden by the command line. @throws Error as Config::from_env() does
[[nodiscard]] Config config_of(const Connection& connection);

/// Replaces the settings in code that an error text names by the options of the command line.
[[nodiscard]] std::string with_options_named(std::string text);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_CONNECTION_H_
