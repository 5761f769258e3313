#include "cli/connection.h"

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace conveyor::cli {

void add_connection(CLI::App& command, Connection& connection) {
  command
      .add_option("--bootstrap-servers", connection.bootstrap_servers,
                  "The Kafka brokers; default: CONVEYOR_BOOTSTRAP_SERVERS")
      ->type_name("HOST:PORT,...");
  command
      .add_option("--config", connection.config_file,
                  "A properties file, which CONVEYOR_ variables override; default: CONVEYOR_CONFIG_FILE")
      ->type_name("FILE");
}

void add_wait(CLI::App& command, int& seconds) {
  command.add_option("--wait", seconds, "How long to wait for an answer of the brokers, in seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
}

Config config_of(const Connection& connection) {
  if (!connection.config_file.empty()) setenv("CONVEYOR_CONFIG_FILE", connection.config_file.c_str(), 1);
  Config config = Config::from_env();
  if (!connection.bootstrap_servers.empty()) config.bootstrap_servers = connection.bootstrap_servers;
  return config;
}

std::string with_options_named(std::string text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames{{
      {"Config::bootstrap_servers (CONVEYOR_BOOTSTRAP_SERVERS)", "--bootstrap-servers"},
      {"Config::bootstrap_servers", "--bootstrap-servers"},
      {"Config::tls.enabled if", "CONVEYOR_TLS_ENABLED=true if"},
      {"DeadLetterOptions::topic_suffix (-dlt, unless changed)", "-dlt, unless its workers have another suffix"},
  }};
  for (const auto& [in_code, option] : kNames) {
    for (auto at = text.find(in_code); at != text.npos; at = text.find(in_code, at + option.size())) {
      text.replace(at, in_code.size(), option);
    }
  }
  return text;
}

}  // namespace conveyor::cli
