#include "codec/decode.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>

#include <charconv>
#include <cstdint>
#include <limits>
#include <span>

#include "codec/encode.h"
#include "codec/scratch.h"
#include "codec/zlib.h"

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
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  if (message.MergeFromCodedStream(&input) && input.ConsumedEntireMessage()) return {};
  return fmt::format("its {} bytes are not a {}", bytes.size(), message.GetTypeName());
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
  if (codec == Codec::kZlib && value.size() <= kTriedFirst) {
    const Inflated inflated = inflate(value, max_message_bytes, 0, scratch);
    if (!inflated.error && !parse(inflated.bytes, message)) return {};
    message.Clear();
  }

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

  const Inflated inflated = inflate(value, max_message_bytes, expected_size(headers), scratch);
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
  if (is_trace_id(message_trace_id)) trace.id = Text<32>::of(message_trace_id);
  return trace;
}

}  // namespace conveyor::codec
