#ifndef CONVEYOR_SRC_CLI_OUTPUT_BYTES_H_
#define CONVEYOR_SRC_CLI_OUTPUT_BYTES_H_

#include <string>
#include <string_view>

namespace conveyor::cli {

/// Whether printable() of base/printable.h leaves it as it is, but for line ends and tabs.
[[nodiscard]] bool is_text(std::string_view bytes);

/// Lines of 16 bytes: offset, hexadecimal, and what is printable ASCII.
[[nodiscard]] std::string hex_dump(std::string_view bytes);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_BYTES_H_
