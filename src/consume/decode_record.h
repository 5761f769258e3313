#ifndef CONVEYOR_SRC_CONSUME_DECODE_RECORD_H_
#define CONVEYOR_SRC_CONSUME_DECODE_RECORD_H_

#include <cstddef>

#include "consume/group_member.h"
#include "consume/partition.h"
#include "conveyor/channel.h"
#include "conveyor/message.h"

namespace conveyor::worker {

/// Fills record and value from a consumed record. Without a value, record.error says why: errc::tombstone, or
/// errc::decode, which is counted and reported.
void decode_record(const Incoming& incoming, Codec codec, std::size_t max_message_bytes, GroupMember& member,
                   Record& record, google::protobuf::Message& value);

/// The same for a record whose fields are already filled. @param headers those of the record
void decode_value(const Incoming& incoming, const Headers& headers, Codec codec, std::size_t max_message_bytes,
                  GroupMember& member, Record& record, google::protobuf::Message& value);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_DECODE_RECORD_H_
