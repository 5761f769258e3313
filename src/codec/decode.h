#ifndef CONVEYOR_SRC_CODEC_DECODE_H_
#define CONVEYOR_SRC_CODEC_DECODE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "codec/trace.h"
#include "conveyor/channel.h"
#include "conveyor/export.h"
#include "conveyor/message.h"
#include "conveyor/metadata.h"

namespace conveyor::codec {

/// Reads a record's value into `message`. The header content-encoding, where there is one, wins over the channel's
/// codec. To read headers costs a good part of inflating a small value, so one of a zlib channel is tried first: what
/// inflates, with the right checksum, to a message of the type is one, whatever the headers say.
/// @param message empty: what is read is merged into it, as into detail::recycled
/// Exported for the command.
/// @return nothing, or what is wrong with the bytes
[[nodiscard]] CONVEYOR_EXPORT std::optional<std::string> decode(std::string_view value, const Headers& headers,
                                                                Codec channel, std::size_t max_message_bytes,
                                                                google::protobuf::Message& message);

/// The trace a received message belongs to: its traceparent header with its tracestate, else the trace id that it
/// carries; and its baggage. Exported for the command.
[[nodiscard]] CONVEYOR_EXPORT Trace trace_of(const Record& record, std::string_view message_trace_id);

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_DECODE_H_
