#ifndef CONVEYOR_SRC_CLI_OUTPUT_TIME_H_
#define CONVEYOR_SRC_CLI_OUTPUT_TIME_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor::cli {

using Time = std::chrono::system_clock::time_point;

/// Parses a point in time, such as "2026-01-31" or "2026-01-31T12:30:00Z" (UTC; seconds may have decimals, and the Z
/// may be missing), or an age such as "90s", "30m", "2h" or "7d". @return nothing when the text is neither
[[nodiscard]] std::optional<Time> parse_time(std::string_view text, Time now);

/// The time in the form "2026-01-31T12:30:00.250Z".
[[nodiscard]] std::string format_time(Time time);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_TIME_H_
