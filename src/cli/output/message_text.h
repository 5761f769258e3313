#ifndef CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_TEXT_H_
#define CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/message_types.h"

namespace conveyor::cli {

/// Whether the bytes begin as a zlib stream does.
[[nodiscard]] bool looks_deflated(std::string_view bytes);

/// Decompresses a zlib stream (RFC 1950), up to `limit` bytes. The checksum is not verified. Nothing when the bytes are
/// not such a stream, are damaged, or decompress to more.
[[nodiscard]] std::optional<std::string> inflated(std::string_view stream, std::size_t limit);

/// The message as JSON, on several lines.
/// @param bytes the serialised message, decompressed
/// @throws Error with errc::unknown_topic when no descriptor set declares a channel of the topic; with
/// errc::invalid_config when the bytes are not such a message
[[nodiscard]] std::string message_json(const MessageTypes& types, std::string_view topic, std::string_view bytes);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_TEXT_H_
