#ifndef SUPPORT_TIME_TEXT_H_
#define SUPPORT_TIME_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace support {

/// A moment as RFC 3339 in UTC, with milliseconds: "2026-11-29T10:00:00.250Z".
/// @param microseconds since the Unix epoch
[[nodiscard]] std::string time_text(std::int64_t microseconds);

/// The moment that a text of RFC 3339 in UTC names ("2026-11-29T10:00:00Z", with or without a fraction), in
/// microseconds since the Unix epoch. Seconds and the Z may be missing, as in what browsers' forms send. Nothing for any
/// other text.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace support

#endif  // SUPPORT_TIME_TEXT_H_
