#include "codec/encode_plan.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <utility>

#include "codec/deflate.h"
#include "codec/header_names.h"
#include "codec/last_header.h"
#include "codec/protobuf_validation.h"
#include "codec/scratch.h"
#include "observe/library_log.h"

namespace conveyor::codec {
namespace {

template <std::size_t N, class... Values>
std::string_view print(std::array<char, N>& out, fmt::format_string<Values...> format, Values&&... values) {
  const auto printed = fmt::format_to_n(out.data(), N, format, std::forward<Values>(values)...);
  return {out.data(), std::min(printed.size, N)};
}

Failure lacks_fields(const google::protobuf::Message& message, std::string_view topic) {
  return {errc::encode, fmt::format("{} on channel {} lacks required fields: {}", message.GetTypeName(), topic,
                                    message.InitializationErrorString())};
}

Failure too_large(std::size_t size, const EncodeRequest& request) {
  return {errc::message_too_large,
          fmt::format("message of {} bytes on channel {} exceeds Config::max_message_bytes = {}; raise it here and at "
                      "the consumers",
                      size, request.topic, request.max_message_bytes)};
}

}  // namespace

EncodePlan::EncodePlan(const google::protobuf::Message& message, const EncodeRequest& request)
    : message_(message),
      request_(request),
      codec_(wire_codec(request.channel)),
      trace_({.user = request_.user_headers,
              .incoming = request_.incoming,
              .carried = request_.target.trace_id,
              .begins = !codec_.is_identity(),
              .stamped = request_.target.field != 0}) {
  if (!message_.IsInitialized()) {
    failure_ = lacks_fields(message_, request_.topic);
    return;
  }
  size_ = message_.ByteSizeLong();
  if (size_ > request_.max_message_bytes) {
    failure_ = too_large(size_, request_);
    return;
  }
  make_stamp();
  message_bytes_ = size_ + (stamp_field_ ? stamp_field_->size() : 0);
  if (message_bytes_ > request_.max_message_bytes) {
    failure_ = too_large(message_bytes_, request_);
    return;
  }
  most_bytes_ = codec_.most_bytes(message_bytes_);
  add_headers();
}

void EncodePlan::make_stamp() {
  const bool has_field = request_.target.field != 0;
  if (codec_.is_identity() && !has_field) return;
  uuid_ = new_uuid();
  stamp_ = {.time = std::chrono::system_clock::now(),
            .environment = request_.environment,
            .service = request_.service,
            .uuid = uuid_.view(),
            .trace_id = trace_.id()};
  if (has_field) {
    stamp_field_.emplace(stamp_, request_.target.field);
  } else {
    date_.emplace(stamp_.time);
  }
}

// A header costs as much as a small send: a value that is the message itself has none of ours unless a trace continues.
void EncodePlan::add_headers() {
  trace_.add_users(headers_);
  // Where the caller has a content-encoding, it is about another record's bytes.
  const bool users = !request_.user_headers.empty() && last_header(request_.user_headers, kContentEncoding) != nullptr;
  if (!codec_.is_identity() || users) headers_.add(kContentEncoding, codec_.content_encoding());
  trace_.add_ours(headers_, traceparent_);
  if (!codec_.is_identity() && message_bytes_ > kSmallestRoom)
    headers_.add(kSize, print(size_text_, "{}", message_bytes_));
  if (!date_) return;
  headers_.add(kUuid, stamp_.uuid);
  headers_.add(kService, stamp_.service);
  headers_.add(kEnvironment, name_of(stamp_.environment));
  headers_.add(kDate, date_->view());
  headers_.add(kTimestamp, print(timestamp_, "{:.6f}", seconds_of(stamp_.time)));
}

std::optional<Failure> EncodePlan::serialize(char* out) const {
  const detail::ProtobufLinesDropped dropped;  // protobuf writes text that is not UTF-8, and logs an error
  message_.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out));
  if (stamp_field_) stamp_field_->write(out + size_);
  const auto why = why_unreadable({out, size_}, message_);
  if (!why) return {};
  return Failure{errc::encode, fmt::format("{} on channel {} is not sent, because no protobuf parser would read it: {}",
                                           message_.GetTypeName(), request_.topic, *why)};
}

EncodePlan::Written EncodePlan::write(char* out) const {
  thread_local Scratch scratch;
  char* const serialized = codec_.is_identity() ? out : scratch.reserve(message_bytes_);
  Written written{.failure = serialize(serialized)};
  if (!written.failure) {
    written.bytes = codec_.encode({serialized, message_bytes_}, out, most_bytes_);
    if (written.bytes == 0 && (message_bytes_ != 0 || !codec_.is_identity())) {
      written.failure = Failure{
          errc::encode, fmt::format("{} on channel {} cannot be compressed", message_.GetTypeName(), request_.topic)};
    }
  }
  scratch.trim();
  return written;
}

}  // namespace conveyor::codec
