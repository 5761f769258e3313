#ifndef CONVEYOR_SRC_CLI_OUTPUT_JSON_H_
#define CONVEYOR_SRC_CLI_OUTPUT_JSON_H_

#include <string>
#include <string_view>

namespace conveyor::cli {

/// The bytes as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view bytes);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_JSON_H_
