#ifndef CONVEYOR_SRC_CODEC_PROTOBUF_VALIDATION_H_
#define CONVEYOR_SRC_CODEC_PROTOBUF_VALIDATION_H_

#include <optional>
#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
}

namespace conveyor::codec {

/// How deep sub-messages may lie in one another: the limit of protobuf's parsers (C++, Java, Python, C#).
inline constexpr int kDeepest = 100;

/// Says why protobuf's parsers refuse a message's bytes although they are well formed: a string that is not UTF-8 where
/// the field's file demands it (proto3), or nesting below kDeepest. Serialising refuses neither.
///
/// Extensions are checked. The content of an Any is not, because its readers parse it separately.
///
/// Thread safety: may be called from any thread.
/// @param bytes   a serialised message; nothing is said about malformed ones
/// @param message any message of the type
/// @return nothing, or a text that names the field
[[nodiscard]] std::optional<std::string> why_unreadable(std::string_view bytes,
                                                        const google::protobuf::Message& message);

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_PROTOBUF_VALIDATION_H_
