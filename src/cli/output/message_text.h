#ifndef CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_TEXT_H_
#define CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_TEXT_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::cli {

/// What a zlib stream (RFC 1950) holds, up to `limit` bytes; none: it is not one, is damaged, or holds more. Its
/// checksum is not compared.
[[nodiscard]] std::optional<std::string> inflated(std::string_view stream, std::size_t limit);

/// Shows messages whose classes are not compiled in, by descriptor sets that declare their channels.
class MessageTexts {
 public:
  /// @param files as protoc --descriptor_set_out --include_imports and conveyor_add_messages write them
  /// @throws Error as ChannelMap::from_descriptor_set_file() does
  explicit MessageTexts(const std::vector<std::string>& files);
  ~MessageTexts();

  /// As JSON, over several lines. @param bytes not compressed
  /// @throws Error with errc::unknown_topic when no file declares a channel of the topic; with errc::invalid_config
  ///         when the bytes are no such message
  [[nodiscard]] std::string json(std::string_view topic, std::string_view bytes) const;

 private:
  struct Set;
  std::vector<std::unique_ptr<Set>> sets_;
};

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_TEXT_H_
