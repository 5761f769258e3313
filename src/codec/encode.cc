#include "codec/encode.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <utility>

#include "codec/header_list.h"
#include "codec/outgoing_trace.h"
#include "codec/readable.h"
#include "codec/scratch.h"
#include "codec/zlib.h"
#include "observe/library_log.h"

namespace conveyor::codec {
namespace {

// What is said of one send, on the stack.
struct Facts {
  Stamp stamp = {};
  Text<36> uuid = {};
  Text<55> traceparent = {};
  std::array<char, 40> timestamp = {};  // 20 digits, a point, 6 digits, a sign
  std::array<char, 20> size = {};       // 20 digits
};

template <std::size_t N, class... Values>
std::string_view print(std::array<char, N>& out, fmt::format_string<Values...> format, Values&&... values) {
  const auto printed = fmt::format_to_n(out.data(), N, format, std::forward<Values>(values)...);
  return {out.data(), std::min(printed.size, N)};
}

// Headers cost as much as a small send: raw channels have none of ours unless a trace continues.
void add_headers(HeaderList& headers, const EncodeRequest& request, std::size_t size, const OutgoingTrace& trace,
                 Facts& facts) {
  trace.add_users(headers);
  const bool zlib = request.channel.codec == Codec::kZlib;
  if (zlib) {
    headers.add(kContentEncoding, "deflate");
  } else if (!request.user_headers.empty() && last_header(request.user_headers, kContentEncoding) != nullptr) {
    headers.add(kContentEncoding, "identity");  // whatever the caller's said of other bytes
  }
  trace.add_ours(headers, facts.traceparent);
  if (zlib && size > kSmallestRoom) headers.add(kSize, print(facts.size, "{}", size));
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
// @return why nobody would read it
std::optional<Failure> serialize(const google::protobuf::Message& message, std::size_t size,
                                 const std::optional<StampField>& stamp, char* out, const EncodeRequest& request) {
  const detail::ProtobufLinesDropped dropped;  // it writes what is not UTF-8, and complains in its log
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out));
  if (stamp) stamp->write(out + size);
  const auto why = why_unreadable({out, size}, message);
  if (!why) return {};
  return Failure{errc::encode, fmt::format("{} on channel {} is not sent, because no protobuf parser would read it: {}",
                                           message.GetTypeName(), request.topic, *why)};
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

  const bool zlib = request.channel.codec == Codec::kZlib;
  const OutgoingTrace trace({.user = request.user_headers,
                             .incoming = request.incoming,
                             .carried = request.target.trace_id,
                             .begins = zlib,
                             .stamped = request.target.field != 0});
  Facts facts;
  if (zlib || request.target.field != 0) {
    facts.uuid = new_uuid();
    facts.stamp = {.time = std::chrono::system_clock::now(),
                   .environment = request.environment,
                   .service = request.service,
                   .uuid = facts.uuid.view(),
                   .trace_id = trace.id()};
  }
  std::optional<StampField> field;
  if (request.target.field != 0) field.emplace(facts.stamp, request.target.field);
  const std::size_t total = size + (field ? field->size() : 0);
  if (total > request.max_message_bytes) return {.failure = too_large(total, request)};
  HeaderList headers;
  add_headers(headers, request, total, trace, facts);

  if (!zlib) {
    if (char* out = destination.allocate(total, headers.all())) {
      if (auto failure = serialize(message, size, field, out, request)) return {.failure = std::move(failure)};
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
    if (auto failure = serialize(message, size, field, serialized.reserve(total), request)) {
      serialized.trim();
      return {.failure = std::move(failure)};
    }
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
