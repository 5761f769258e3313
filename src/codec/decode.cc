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
#include "codec/protobuf_validation.h"
#include "codec/scratch.h"
#include "codec/wire_codec.h"
#include "observe/library_log.h"

namespace conveyor::codec {
namespace {

// Reading the headers of a larger value costs nothing beside inflating it, and they may say how much room that takes.
constexpr std::size_t kTriedFirst = 4096;

std::optional<std::string> parse(std::string_view bytes, google::protobuf::Message& message) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return "it is larger than protobuf's limit of 2 GiB";
  }
  const detail::ProtobufLinesDropped dropped;  // the error says the same as protobuf's log, and of which record
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  if (message.MergeFromCodedStream(&input) && input.ConsumedEntireMessage()) return {};
  auto text = fmt::format("its {} bytes are not a {}", bytes.size(), message.GetTypeName());
  if (const auto why = why_unreadable(bytes, message)) text += ": " + *why;
  return text;
}

// How many bytes the value inflates to, as its sender says; 0: the sender does not say.
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

std::optional<std::string> decode(std::string_view value, const Headers& headers, Codec channel,
                                  std::size_t max_message_bytes, google::protobuf::Message& message) {
  thread_local Scratch scratch;
  const WireCodec* codec = &wire_codec({.codec = channel});
  const std::string_view tried = codec->content_encoding();
  std::optional<std::string> wrong_at_first;
  if (!codec->is_identity() && value.size() <= kTriedFirst) {
    const Decoded decoded = codec->decode(value, max_message_bytes, 0, scratch);
    if (!decoded.error) {
      wrong_at_first = parse(decoded.bytes, message);
      if (!wrong_at_first) return {};
      message.Clear();
    }
  }

  if (const Header* encoding = last_header(headers, kContentEncoding)) {
    codec = wire_codec_named(encoding->value);
    if (codec == nullptr) {
      return fmt::format("its content-encoding is \"{}\"; known are {} and {}", to_utf8(encoding->value, 32),
                         wire_codec({.codec = Codec::kZlib}).content_encoding(),
                         wire_codec({.codec = Codec::kRaw}).content_encoding());
    }
  }
  if (wrong_at_first && codec->content_encoding() == tried) return wrong_at_first;  // it would be again

  const std::size_t expected = codec->is_identity() ? 0 : expected_size(headers);
  const Decoded decoded = codec->decode(value, max_message_bytes, expected, scratch);
  auto error = decoded.error ? std::optional(codec->describe(*decoded.error, value.size(), max_message_bytes))
                             : parse(decoded.bytes, message);
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
