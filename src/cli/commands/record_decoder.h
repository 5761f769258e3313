#ifndef CONVEYOR_SRC_CLI_COMMANDS_RECORD_DECODER_H_
#define CONVEYOR_SRC_CLI_COMMANDS_RECORD_DECODER_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/message_types.h"
#include "conveyor/channel.h"
#include "conveyor/message.h"

namespace conveyor::cli {

/// The messages of one topic, of a type that is known at run time.
///
/// Thread safety: use it from one thread.
class RecordDecoder {
 public:
  struct Options {
    std::vector<std::string> descriptors = {};
    std::string type = {};   ///< empty: that of the topic's channel
    std::string topic = {};  ///< as channels name it, without Config::topic_prefix
    std::size_t max_message_bytes = 0;
  };
  /// @throws Error for a type that is not known, or a descriptor set that cannot be read
  explicit RecordDecoder(const Options& options);

  /// Any message of the type; null: no type is known for the topic.
  [[nodiscard]] const google::protobuf::Message* any() const noexcept { return message_.get(); }

  /// Reads the value. @return nothing, or why it is no message of the type
  [[nodiscard]] std::optional<std::string> decode(std::string_view value, const Headers& headers);
  /// What decode() has read.
  [[nodiscard]] const google::protobuf::Message& message() const noexcept { return *message_; }

  /// Where no type is known: the value's bytes, inflated where it is a zlib stream.
  [[nodiscard]] std::string plain(std::string_view value) const;

 private:
  const std::size_t max_message_bytes_;
  const MessageTypes types_;
  std::unique_ptr<google::protobuf::Message> message_;
  std::optional<Codec> codec_;  // of the channel; none: as the value looks
};

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_RECORD_DECODER_H_
