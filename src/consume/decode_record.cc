#include "consume/decode_record.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include "codec/decode.h"

namespace conveyor::worker {

void decode_record(const Incoming& incoming, Codec codec, std::size_t max_message_bytes, GroupMember& member,
                   Record& record, google::protobuf::Message& value) {
  incoming.record.fill_record(incoming.partition->where.topic, record);
  decode_value(incoming, record.headers, codec, max_message_bytes, member, record, value);
}

void decode_value(const Incoming& incoming, const Headers& headers, Codec codec, std::size_t max_message_bytes,
                  GroupMember& member, Record& record, google::protobuf::Message& value) {
  if (incoming.record.is_tombstone()) {
    value.Clear();
    record.error = errc::tombstone;
    return;
  }
  // The codec of the value stops at max_message_bytes: codec/zlib_engine.h, codec/raw_codec.cc.
  auto wrong = codec::decode(incoming.record.value(), headers, codec, max_message_bytes, value);
  if (!wrong) return;

  value.Clear();
  record.error = errc::decode;
  record.error_text = std::move(*wrong);
  member.handler_counters().decode_errors.fetch_add(1, std::memory_order_relaxed);
  const std::string text = fmt::format("record {} [{}] at offset {} cannot be decoded: {}", record.topic,
                                       record.partition, record.offset, record.error_text);
  member.reporter().report({.kind = Event::Kind::kDecodeFailed,
                            .topic = record.topic,
                            .partition = record.partition,
                            .offset = record.offset,
                            .error = record.error,
                            .text = text},
                           Severity::kWarning);
}

}  // namespace conveyor::worker
