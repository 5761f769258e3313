#include "codec/encode.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <cstring>

#include "codec/scratch.h"
#include "codec/zlib.h"

namespace conveyor::codec {
namespace {

// The trace a send belongs to: one that the caller names in a header, one that the message carries, the one of the
// message being handled, or a new one.
std::string choose_trace_id(const EncodeRequest& request, const std::optional<Trace>& named) {
  if (named) return named->id;
  if (is_trace_id(request.target.trace_id)) return std::string(request.target.trace_id);
  if (request.incoming != nullptr && !request.incoming->id.empty()) return request.incoming->id;
  return new_trace_id();
}

// Headers cost as much as a small send: raw channels have none unless a trace continues.
std::vector<Header> headers_for(const EncodeRequest& request, const Stamp& stamp, bool trace_named) {
  std::vector<Header> headers;
  const bool zlib = request.channel.codec == Codec::kZlib;
  if (zlib) headers.push_back({std::string(kContentEncoding), "deflate"});
  const bool continues = request.incoming != nullptr && !request.incoming->id.empty();
  if ((zlib || continues) && !trace_named) {
    headers.push_back(
        {std::string(kTraceparent), make_traceparent(stamp.trace_id, continues ? *request.incoming : Trace{})});
  }
  if (zlib && request.target.field == 0) {
    headers.push_back({std::string(kUuid), stamp.uuid});
    headers.push_back({std::string(kService), std::string(stamp.service)});
    headers.push_back({std::string(kEnvironment), std::string(name_of(stamp.environment))});
    headers.push_back({std::string(kDate), iso_date_of(stamp.time)});
    headers.push_back({std::string(kTimestamp), fmt::format("{:.6f}", seconds_of(stamp.time))});
  }
  return headers;
}

Failure too_large(std::size_t size, const EncodeRequest& request) {
  return {errc::message_too_large,
          fmt::format("message of {} bytes on channel {} exceeds Config::max_message_bytes = {}; raise it here and at "
                      "the consumers",
                      size, request.topic, request.max_message_bytes)};
}

char* serialize(const google::protobuf::Message& message, std::size_t size, const std::string& stamp, char* out) {
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out));
  if (!stamp.empty()) std::memcpy(out + size, stamp.data(), stamp.size());
  return out;
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
  Stamp stamp;
  if (stamped || request.incoming != nullptr) {
    stamp = {.time = std::chrono::system_clock::now(),
             .environment = request.environment,
             .service = request.service,
             .uuid = new_uuid(),
             .trace_id = choose_trace_id(request, named)};
  }
  const std::string field = request.target.field != 0 ? stamp_field(stamp, request.target.field) : std::string();
  const std::size_t total = size + field.size();
  if (total > request.max_message_bytes) return {.failure = too_large(total, request)};
  const auto headers = headers_for(request, stamp, named.has_value());

  if (request.channel.codec == Codec::kRaw) {
    if (char* out = destination.allocate(total, headers)) serialize(message, size, field, out);
    return {.message_bytes = total};
  }

  thread_local Scratch serialized;
  thread_local Scratch compressed;
  serialize(message, size, field, serialized.reserve(total));
  const std::size_t bound = deflate_bound(total, request.channel.level);
  char* stream = compressed.reserve(bound);
  const std::string_view value(stream, deflate({serialized.data(), total}, request.channel.level, stream, bound));
  if (char* out = destination.allocate(value.size(), headers)) std::memcpy(out, value.data(), value.size());
  serialized.trim();
  compressed.trim();
  return {.message_bytes = total};
}

}  // namespace conveyor::codec
