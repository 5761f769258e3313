#ifndef CONVEYOR_SRC_CLI_OUTPUT_TEXT_H_
#define CONVEYOR_SRC_CLI_OUTPUT_TEXT_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/printable.h"

namespace conveyor::cli {

using Time = std::chrono::system_clock::time_point;

/// A point in time: "2026-01-31", "2026-01-31T12:30:00Z" (UTC; seconds may have decimals and the Z may be missing), or
/// an age such as "90s", "30m", "2h" or "7d". @return none when it is neither
[[nodiscard]] std::optional<Time> parse_time(std::string_view text, Time now);

/// "2026-01-31T12:30:00.250Z"
[[nodiscard]] std::string format_time(Time time);

/// Whether printable() leaves it as it is, but for line ends and tabs.
[[nodiscard]] bool is_text(std::string_view bytes);

/// As a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view bytes);

/// Lines of 16 bytes: offset, hexadecimal, and what is printable ASCII.
[[nodiscard]] std::string hex_dump(std::string_view bytes);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_TEXT_H_
