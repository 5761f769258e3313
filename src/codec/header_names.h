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
/// What a value inflates to, in bytes, where the reader cannot be expected to have room for it.
inline constexpr std::string_view kSize = "conveyor-size";

// What happened to a record.
inline constexpr std::string_view kReplayedFrom = "conveyor-replayed-from";

/// Whether the library alone says it of what it sends: a header handed on from another record would be untrue.
/// Traces are not among them, because a caller may continue another than the library would, nor what makes a dead
/// letter, because a caller may write one.
[[nodiscard]] constexpr bool describes_the_record(std::string_view name) noexcept {
  if (name == kContentEncoding) return true;
  if (!name.starts_with("conveyor-")) return false;
  return name == kUuid || name == kService || name == kEnvironment || name == kDate || name == kTimestamp ||
         name == kSize || name == kReplayedFrom;
}

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_HEADER_NAMES_H_
