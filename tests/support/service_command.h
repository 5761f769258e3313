#ifndef CONVEYOR_TESTS_SUPPORT_SERVICE_COMMAND_H_
#define CONVEYOR_TESTS_SUPPORT_SERVICE_COMMAND_H_

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/config.h"

namespace conveyor::tests {

/// service_program with its settings in its environment, as services have them.
/// @param how "worker" or "consumer"
[[nodiscard]] inline std::vector<std::string> service_command(const Config& config, std::string_view how,
                                                              std::string_view input, std::string_view output) {
  std::vector<std::string> command{"env", "CONVEYOR_GROUP=" + config.group,
                                   "CONVEYOR_BOOTSTRAP_SERVERS=" + config.bootstrap_servers};
  for (const auto& [property, value] : config.properties) {
    std::string name = property;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return c == '.' ? '_' : static_cast<char>(std::toupper(c)); });
    command.push_back("CONVEYOR_KAFKA_" + name + "=" + value);
  }
  command.insert(command.end(), {CONVEYOR_SERVICE_PROGRAM, std::string(how), std::string(input), std::string(output)});
  return command;
}

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_SERVICE_COMMAND_H_
