#include "codec/encode.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <utility>

#include "codec/scratch.h"
#include "codec/zlib.h"

namespace conveyor::codec {
namespace {

// What is said of one send, on the stack.
struct Facts {
  Stamp stamp = {};
  Text<36> uuid = {};
  Text<32> trace_id = {};
  Text<55> traceparent = {};
  std::array<char, 40> timestamp = {};  // 20 digits, a point, 6 digits, a sign
  std::array<char, 20> size = {};       // 20 digits
};

// The trace of the message being handled, or null.
const Trace* continued_by(const EncodeRequest& request) noexcept {
  return request.incoming != nullptr && !request.incoming->empty() ? request.incoming : nullptr;
}

// The trace a send belongs to: one that the caller names in a header, one that the message carries, the one of the
// message being handled, or a new one.
Text<32> choose_trace_id(const EncodeRequest& request, const std::optional<Trace>& named) {
  if (named) return named->id;
  if (is_trace_id(request.target.trace_id)) return Text<32>::of(request.target.trace_id);
  if (const Trace* incoming = continued_by(request)) return incoming->id;
  return new_trace_id();
}

// As many as a send may have of ours.
class HeaderList {
 public:
  void add(std::string_view name, std::string_view value) noexcept { headers_[count_++] = {name, value}; }
  [[nodiscard]] std::span<const HeaderView> all() const noexcept { return std::span(headers_).first(count_); }

 private:
  std::array<HeaderView, 8> headers_ = {};
  std::size_t count_ = 0;
};

template <std::size_t N, class... Values>
std::string_view print(std::array<char, N>& out, fmt::format_string<Values...> format, Values&&... values) {
  const auto printed = fmt::format_to_n(out.data(), N, format, std::forward<Values>(values)...);
  return {out.data(), std::min(printed.size, N)};
}

// Headers cost as much as a small send: raw channels have none unless a trace continues.
HeaderList headers_for(const EncodeRequest& request, std::size_t size, Facts& facts, bool trace_named) {
  HeaderList headers;
  const bool zlib = request.channel.codec == Codec::kZlib;
  if (zlib) headers.add(kContentEncoding, "deflate");
  const Trace* incoming = continued_by(request);
  if ((zlib || incoming != nullptr) && !trace_named) {
    facts.traceparent = make_traceparent(facts.stamp.trace_id, incoming != nullptr ? *incoming : Trace{});
    headers.add(kTraceparent, facts.traceparent.view());
  }
  if (zlib && size > kSmallestRoom) headers.add(kSize, print(facts.size, "{}", size));
  return headers;
}

// What a message without the field says of itself.
void add_stamp(HeaderList& headers, Facts& facts, const IsoDate& date) {
  headers.add(kUuid, facts.stamp.uuid);
  headers.add(kService, facts.stamp.service);
  headers.add(kEnvironment, name_of(facts.stamp.environment));
  headers.add(kDate, date.view());
  headers.add(kTimestamp, print(facts.timestamp, "{:.6f}", seconds_of(facts.stamp.time)));
}

Failure too_large(std::size_t size, const EncodeRequest& request) {
  return {errc::message_too_large,
          fmt::format("message of {} bytes on channel {} exceeds Config::max_message_bytes = {}; raise it here and at "
                      "the consumers",
                      size, request.topic, request.max_message_bytes)};
}

// @param size of the message without the stamp
void serialize(const google::protobuf::Message& message, std::size_t size, const std::optional<StampField>& stamp,
               char* out) {
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out));
  if (stamp) stamp->write(out + size);
}

}  // namespace

const Header* last_header(std::span<const Header> headers, std::string_view name) noexcept {
  const auto found =
      std::find_if(headers.rbegin(), headers.rend(), [&](const Header& one) { return one.name == name; });
  return found == headers.rend() ? nullptr : &*found;
}

Encoded encode(const google::protobuf::Message& message, const EncodeRequest& request, Destination& destination) {
  if (!message.IsInitialized()) {
    return {.failure =
                Failure{errc::encode, fmt::format("{} on channel {} lacks required fields: {}", message.GetTypeName(),
                                                  request.topic, message.InitializationErrorString())}};
  }
  const std::size_t size = message.ByteSizeLong();
  if (size > request.max_message_bytes) return {.failure = too_large(size, request)};

  const Header* named_header = last_header(request.user_headers, kTraceparent);
  const auto named = named_header != nullptr ? parse_traceparent(named_header->value) : std::nullopt;
  const bool stamped = request.target.field != 0 || request.channel.codec == Codec::kZlib;
  Facts facts;
  if (stamped || request.incoming != nullptr) {
    facts.uuid = new_uuid();
    facts.trace_id = choose_trace_id(request, named);
    facts.stamp = {.time = std::chrono::system_clock::now(),
                   .environment = request.environment,
                   .service = request.service,
                   .uuid = facts.uuid.view(),
                   .trace_id = facts.trace_id.view()};
  }
  std::optional<StampField> field;
  if (request.target.field != 0) field.emplace(facts.stamp, request.target.field);
  const std::size_t total = size + (field ? field->size() : 0);
  if (total > request.max_message_bytes) return {.failure = too_large(total, request)};
  HeaderList headers = headers_for(request, total, facts, named.has_value());

  if (request.channel.codec == Codec::kRaw) {
    if (char* out = destination.allocate(total, headers.all())) {
      serialize(message, size, field, out);
      destination.filled(total);
    }
    return {.message_bytes = total};
  }

  std::optional<IsoDate> date;
  if (!field) add_stamp(headers, facts, date.emplace(facts.stamp.time));
  const int level = request.channel.level;
  const std::size_t most = deflate_bound(total, level);
  if (char* out = destination.allocate(most, headers.all())) {
    thread_local Scratch serialized;
    serialize(message, size, field, serialized.reserve(total));
    const std::size_t compressed = deflate({serialized.data(), total}, level, out, most);
    serialized.trim();
    if (compressed == 0) {
      return {.failure = Failure{errc::encode, fmt::format("{} on channel {} cannot be compressed",
                                                           message.GetTypeName(), request.topic)}};
    }
    destination.filled(compressed);
  }
  return {.message_bytes = total};
}

}  // namespace conveyor::codec
