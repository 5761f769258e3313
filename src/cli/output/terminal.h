#ifndef CONVEYOR_SRC_CLI_OUTPUT_TERMINAL_H_
#define CONVEYOR_SRC_CLI_OUTPUT_TERMINAL_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace conveyor::cli {

enum class Style : std::uint8_t { kPlain, kBold, kDim, kGood, kWarning, kBad };

/// Whether standard output is a terminal.
[[nodiscard]] bool is_terminal();
/// Whether it is one that shows colours, and nobody asked for none (https://no-color.org).
[[nodiscard]] bool shows_colours();

/// The text with the escape sequences of the style around it.
[[nodiscard]] std::string styled(std::string_view text, Style style);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_TERMINAL_H_
