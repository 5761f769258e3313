#ifndef CONVEYOR_SRC_CODEC_TRACE_H_
#define CONVEYOR_SRC_CODEC_TRACE_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor::codec {

/// Thirty-two lower-case hex digits, not all zero: what W3C Trace Context calls a trace id.
[[nodiscard]] bool is_trace_id(std::string_view text) noexcept;

/// A random trace id.
[[nodiscard]] std::string new_trace_id();

/// A random UUID (RFC 9562, version 4), with dashes.
[[nodiscard]] std::string new_uuid();

/// A trace that arrived with a message and continues in what is sent while handling it.
struct Trace {
  std::string id = {};  ///< empty: none
  std::array<char, 2> flags = {'0', '1'};
};

/// Reads a W3C traceparent header; nothing when it is not one.
/// https://www.w3.org/TR/trace-context/#traceparent-header-field-values
[[nodiscard]] std::optional<Trace> parse_traceparent(std::string_view header);

/// The header for a new span of the trace.
[[nodiscard]] std::string make_traceparent(std::string_view trace_id, const Trace& trace);

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_TRACE_H_
