#include "codec/decode.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>

#include <charconv>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "base/utf8.h"
#include "codec/header_names.h"
#include "codec/last_header.h"
#include "codec/propagation.h"
#include "codec/readable.h"
#include "codec/scratch.h"
#include "codec/zlib.h"
#include "observe/library_log.h"

namespace conveyor::codec {
namespace {

// Above this, reading headers is nothing beside inflating, and they may say how much room that takes.
constexpr std::size_t kTriedFirst = 4096;

std::string describe(InflateError error, std::size_t size, std::size_t limit) {
  switch (error) {
    case InflateError::kCorrupt:
      return fmt::format("its {} bytes are not a whole zlib stream (truncated, corrupt, or not compressed)", size);
    case InflateError::kTooLarge:
      return fmt::format("it inflates to more than Config::max_message_bytes = {}; raise that if it is meant to",
                         limit);
    case InflateError::kTrailing:
      return "bytes follow the end of its zlib stream";
  }
  return "it cannot be inflated";
}

std::optional<std::string> parse(std::string_view bytes, google::protobuf::Message& message) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return "it is larger than protobuf's limit of 2 GiB";
  }
  const detail::ProtobufLinesDropped dropped;  // we say the same, and of which record
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  if (message.MergeFromCodedStream(&input) && input.ConsumedEntireMessage()) return {};
  auto text = fmt::format("its {} bytes are not a {}", bytes.size(), message.GetTypeName());
  if (const auto why = why_unreadable(bytes, message)) text += ": " + *why;
  return text;
}

// What the sender says that the value inflates to; 0: nothing.
std::size_t expected_size(std::span<const Header> headers) noexcept {
  std::size_t size = 0;
  if (const Header* said = last_header(headers, kSize)) {
    const char* end = said->value.data() + said->value.size();
    const auto read = std::from_chars(said->value.data(), end, size);
    if (read.ec != std::errc() || read.ptr != end) return 0;
  }
  return size;
}

}  // namespace

std::optional<std::string> decode(std::string_view value, const Headers& headers, Codec codec,
                                  std::size_t max_message_bytes, google::protobuf::Message& message) {
  thread_local Scratch scratch;
  std::optional<std::string> wrong_as_zlib;
  if (codec == Codec::kZlib && value.size() <= kTriedFirst) {
    const Inflated inflated = inflate(value, max_message_bytes, 0, scratch);
    if (!inflated.error) {
      wrong_as_zlib = parse(inflated.bytes, message);
      if (!wrong_as_zlib) return {};
      message.Clear();
    }
  }

  if (const Header* encoding = last_header(headers, kContentEncoding)) {
    if (encoding->value == "deflate") {
      codec = Codec::kZlib;
    } else if (encoding->value == "identity") {
      codec = Codec::kRaw;
    } else {
      return fmt::format("its content-encoding is \"{}\"; known are deflate and identity",
                         to_utf8(encoding->value, 32));
    }
  }
  if (codec == Codec::kRaw) {
    if (value.size() > max_message_bytes) {
      return fmt::format("its {} bytes exceed Config::max_message_bytes = {}", value.size(), max_message_bytes);
    }
    return parse(value, message);
  }
  if (wrong_as_zlib) return wrong_as_zlib;  // it would be again

  const Inflated inflated = inflate(value, max_message_bytes, expected_size(headers), scratch);
  auto error = inflated.error ? std::optional(describe(*inflated.error, value.size(), max_message_bytes))
                              : parse(inflated.bytes, message);
  scratch.trim();
  return error;
}

Trace trace_of(const Record& record, std::string_view message_trace_id) {
  const Header* traceparent = nullptr;
  bool with_state = false;
  bool with_baggage = false;
  for (const Header& header : record.headers) {
    if (header.name == kTraceparent) traceparent = &header;
    with_state = with_state || header.name == kTracestate;
    with_baggage = with_baggage || header.name == kBaggage;
  }
  Trace trace;
  auto arrived = traceparent != nullptr ? parse_traceparent(traceparent->value) : std::nullopt;
  if (arrived) {
    trace = std::move(*arrived);
    if (with_state) trace.state = tracestate_of(record.headers.all());
  } else if (is_trace_id(message_trace_id)) {
    trace.id = Text<32>::of(message_trace_id);
  }
  if (with_baggage) trace.baggage = baggage_of(record.headers.all());
  return trace;
}

}  // namespace conveyor::codec
