#include "cli/connection.h"

#include <cstdlib>

namespace conveyor::cli {

void add_connection(CLI::App& command, Connection& connection) {
  command
      .add_option("--bootstrap-servers", connection.bootstrap_servers,
                  "Kafka's brokers; otherwise CONVEYOR_BOOTSTRAP_SERVERS")
      ->type_name("HOST:PORT,...");
  command
      .add_option("--config", connection.config_file,
                  "A properties file, which CONVEYOR_ variables override; otherwise CONVEYOR_CONFIG_FILE")
      ->type_name("FILE");
}

Config config_of(const Connection& connection) {
  if (!connection.config_file.empty()) setenv("CONVEYOR_CONFIG_FILE", connection.config_file.c_str(), 1);
  Config config = Config::from_env();
  if (!connection.bootstrap_servers.empty()) config.bootstrap_servers = connection.bootstrap_servers;
  return config;
}

}  // namespace conveyor::cli
