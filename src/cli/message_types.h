#ifndef CONVEYOR_SRC_CLI_MESSAGE_TYPES_H_
#define CONVEYOR_SRC_CLI_MESSAGE_TYPES_H_

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/channel.h"
#include "conveyor/channel_map.h"
#include "conveyor/metadata.h"

namespace conveyor::cli {

/// The message types that the command knows: Conveyor's own, and those of descriptor sets.
class MessageTypes {
 public:
  /// @param files descriptor sets, as protoc --descriptor_set_out --include_imports and conveyor_add_messages write
  /// them
  /// @throws Error as ChannelMap::from_descriptor_set_file() does
  explicit MessageTypes(const std::vector<std::string>& files);
  ~MessageTypes();

  /// An empty message. @param name the full name, such as conveyor.v1.Image, or the part behind its last dot where only
  /// one type has it
  /// @throws Error with errc::invalid_config, naming the closest type
  [[nodiscard]] std::unique_ptr<google::protobuf::Message> make(std::string_view name) const;

  /// The channel that a descriptor set declares for the topic; null: none does.
  [[nodiscard]] const ChannelMap::Entry* channel_of(std::string_view topic) const;
  /// The type of the topics that Conveyor's examples and MessageCorps use; empty for another topic.
  [[nodiscard]] static std::string_view usual_type_of(std::string_view topic);
  /// The topics of all channels.
  [[nodiscard]] std::vector<std::string> topics() const;

 private:
  struct Set;
  [[nodiscard]] std::vector<const google::protobuf::Descriptor*> all() const;

  std::vector<std::unique_ptr<Set>> sets_;
};

/// What a send stamps of this message: see conveyor/metadata.h.
[[nodiscard]] detail::StampTarget stamp_target_of(const google::protobuf::Message& message);

/// The trace id in the message's field _message_data; empty where it has none.
[[nodiscard]] std::string trace_id_in(const google::protobuf::Message& message);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_MESSAGE_TYPES_H_
