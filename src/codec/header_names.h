#ifndef CONVEYOR_SRC_CODEC_HEADER_NAMES_H_
#define CONVEYOR_SRC_CODEC_HEADER_NAMES_H_

#include <string_view>

namespace conveyor::codec {

// W3C Trace Context and Baggage.
inline constexpr std::string_view kTraceparent = "traceparent";
inline constexpr std::string_view kTracestate = "tracestate";
inline constexpr std::string_view kBaggage = "baggage";

// What describes a record's bytes and where they come from.
inline constexpr std::string_view kContentEncoding = "content-encoding";
inline constexpr std::string_view kUuid = "conveyor-uuid";
inline constexpr std::string_view kService = "conveyor-sending-service";
inline constexpr std::string_view kEnvironment = "conveyor-environment";
inline constexpr std::string_view kDate = "conveyor-iso-date";
inline constexpr std::string_view kTimestamp = "conveyor-timestamp";
/// How many bytes a large value inflates to, so that its reader makes room for them at once.
inline constexpr std::string_view kSize = "conveyor-size";

// What happened to a record.
inline constexpr std::string_view kReplayedFrom = "conveyor-replayed-from";

/// Whether only the library writes this header. Callers hand on headers of other records, and what these say would be
/// untrue of the new one, so a send drops them. It keeps the caller's trace, which may be another than the library would
/// continue, and the headers of a dead letter, which a caller may write.
[[nodiscard]] constexpr bool describes_the_record(std::string_view name) noexcept {
  if (name == kContentEncoding) return true;
  if (!name.starts_with("conveyor-")) return false;
  return name == kUuid || name == kService || name == kEnvironment || name == kDate || name == kTimestamp ||
         name == kSize || name == kReplayedFrom;
}

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_HEADER_NAMES_H_
