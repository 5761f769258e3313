#ifndef CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_TEXT_H_
#define CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_TEXT_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::cli {

/// Decompresses a zlib stream (RFC 1950), up to `limit` bytes. The checksum is not verified. Nothing when the bytes are
/// not such a stream, are damaged, or decompress to more.
[[nodiscard]] std::optional<std::string> inflated(std::string_view stream, std::size_t limit);

/// Prints messages whose classes are not compiled in, using descriptor sets that declare their channels.
class MessageTexts {
 public:
  /// @param files descriptor sets, as protoc --descriptor_set_out --include_imports and conveyor_add_messages write
  /// them
  /// @throws Error as ChannelMap::from_descriptor_set_file() does
  explicit MessageTexts(const std::vector<std::string>& files);
  ~MessageTexts();

  /// The message as JSON, on several lines.
  /// @param bytes the serialised message, decompressed
  /// @throws Error with errc::unknown_topic when no file declares a channel of the topic; with errc::invalid_config
  /// when the bytes are not such a message
  [[nodiscard]] std::string json(std::string_view topic, std::string_view bytes) const;

 private:
  struct Set;
  std::vector<std::unique_ptr<Set>> sets_;
};

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_TEXT_H_
