#ifndef CONVEYOR_SRC_CODEC_TRACE_H_
#define CONVEYOR_SRC_CODEC_TRACE_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "codec/text.h"
#include "conveyor/export.h"

namespace conveyor::codec {

/// Thirty-two lower-case hex digits, not all zero: what W3C Trace Context calls a trace id. Exported for the
/// command.
[[nodiscard]] CONVEYOR_EXPORT bool is_trace_id(std::string_view text) noexcept;

/// A random trace id.
[[nodiscard]] Text<32> new_trace_id();

/// A random UUID (RFC 9562, version 4), with dashes.
[[nodiscard]] Text<36> new_uuid();

/// A trace that arrived with a message and continues in what is sent while handling it.
struct Trace {
  Text<32> id = {};
  Text<16> parent = {};  ///< the span that it arrived from
  std::array<char, 2> flags = {'0', '0'};
  std::string state = {};    ///< the value of tracestate; sent along with the trace
  std::string baggage = {};  ///< the value of baggage; sent along with or without a trace

  [[nodiscard]] bool empty() const noexcept { return id.characters[0] == '\0'; }
  [[nodiscard]] bool same_span(const Trace& other) const noexcept {
    return id.view() == other.id.view() && parent.view() == other.parent.view();
  }
};

/// Reads a W3C traceparent header; nothing when it is not one. Of the flags it keeps those that levels 1 and 2 define:
/// "sampled" and "random trace id".
/// https://www.w3.org/TR/trace-context/#traceparent-header-field-values
[[nodiscard]] std::optional<Trace> parse_traceparent(std::string_view header);

/// The header for a new span. @param trace_id of 32 characters
[[nodiscard]] Text<55> make_traceparent(std::string_view trace_id, const std::array<char, 2>& flags);

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_TRACE_H_
