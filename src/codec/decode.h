#ifndef CONVEYOR_SRC_CODEC_DECODE_H_
#define CONVEYOR_SRC_CODEC_DECODE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "codec/trace.h"
#include "conveyor/channel.h"
#include "conveyor/message.h"
#include "conveyor/metadata.h"

namespace conveyor::codec {

/// Reads a record's value into `message`; what a record says of its encoding in a header wins over the channel's codec.
/// A small value of a zlib channel is tried before its headers are read, which would cost a good part of inflating it:
/// what inflates, with the right checksum, to a message of the type is one.
/// @param message empty, which means the same as detail::recycled: what is read is merged into it
/// @return nothing, or what is wrong with the bytes
[[nodiscard]] std::optional<std::string> decode(std::string_view value, const Headers& headers, Codec codec,
                                                std::size_t max_message_bytes, google::protobuf::Message& message);

/// The trace a received message belongs to: its traceparent header with its tracestate, else the trace id that it
/// carries; and its baggage.
[[nodiscard]] Trace trace_of(const Record& record, std::string_view message_trace_id);

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_DECODE_H_
