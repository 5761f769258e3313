#ifndef CONVEYOR_SRC_CLI_OUTPUT_BYTES_H_
#define CONVEYOR_SRC_CLI_OUTPUT_BYTES_H_

#include <string>
#include <string_view>

namespace conveyor::cli {

/// Whether printable() of base/printable.h changes nothing but line ends and tabs.
[[nodiscard]] bool is_text(std::string_view bytes);

/// A dump in lines of 16 bytes: offset, hexadecimal, and printable ASCII.
[[nodiscard]] std::string hex_dump(std::string_view bytes);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_BYTES_H_
