#ifndef CONVEYOR_SRC_CLI_CONNECTION_H_
#define CONVEYOR_SRC_CLI_CONNECTION_H_

#include <CLI/CLI.hpp>
#include <string>

#include "conveyor/config.h"

namespace conveyor::cli {

/// How a command that talks to Kafka is told where it is.
struct Connection {
  std::string bootstrap_servers = {};
  std::string config_file = {};
};

void add_connection(CLI::App& command, Connection& connection);

/// Config::from_env() with what the command line says. @throws Error as it does
[[nodiscard]] Config config_of(const Connection& connection);

/// An error's text with what it says of settings in code replaced by the options of the command line.
[[nodiscard]] std::string with_options_named(std::string text);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_CONNECTION_H_
