#include "codec/decode.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <limits>
#include <span>

#include "codec/encode.h"
#include "codec/scratch.h"
#include "codec/zlib.h"

namespace conveyor::codec {
namespace {

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
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
  return fmt::format("its {} bytes are not a {}", bytes.size(), message.GetTypeName());
}

}  // namespace

std::optional<std::string> decode(std::string_view value, std::span<const Header> headers, Codec codec,
                                  std::size_t max_message_bytes, google::protobuf::Message& message) {
  if (const Header* encoding = last_header(headers, kContentEncoding)) {
    if (encoding->value == "deflate") {
      codec = Codec::kZlib;
    } else if (encoding->value == "identity") {
      codec = Codec::kRaw;
    } else {
      return fmt::format("its content-encoding is \"{}\"; known are deflate and identity",
                         encoding->value.substr(0, 32));
    }
  }
  if (codec == Codec::kRaw) {
    if (value.size() > max_message_bytes) {
      return fmt::format("its {} bytes exceed Config::max_message_bytes = {}", value.size(), max_message_bytes);
    }
    return parse(value, message);
  }

  thread_local Scratch scratch;
  const Inflated inflated = inflate(value, max_message_bytes, 0, scratch);
  auto error = inflated.error ? std::optional(describe(*inflated.error, value.size(), max_message_bytes))
                              : parse(inflated.bytes, message);
  scratch.trim();
  return error;
}

Trace trace_of(const Record& record, std::string_view message_trace_id) {
  if (const Header* header = last_header(record.headers, kTraceparent)) {
    if (auto trace = parse_traceparent(header->value)) return *trace;
  }
  Trace trace;
  if (is_trace_id(message_trace_id)) trace.id = message_trace_id;
  return trace;
}

}  // namespace conveyor::codec
