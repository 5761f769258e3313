#include "cli/output/message_text.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <utility>

#include "base/edit_distance.h"
#include "codec/deflate.h"
#include "codec/scratch.h"
#include "conveyor/channel_map.h"
#include "conveyor/error.h"

namespace conveyor::cli {

std::optional<std::string> inflated(std::string_view stream, std::size_t limit) {
  constexpr std::size_t kHeader = 2;
  if (stream.size() < kHeader) return {};
  // RFC 1950: the lower half of the first byte is the method, and both bytes together are a multiple of 31.
  const auto first = static_cast<unsigned char>(stream[0]);
  const auto second = static_cast<unsigned char>(stream[1]);
  if ((first & 15U) != 8 || (first * 256U + second) % 31 != 0) return {};
  codec::Scratch scratch;
  const auto found = codec::inflate_raw(stream.substr(kHeader), limit, scratch);
  if (found.error) return {};
  return std::string(found.bytes);
}

/// The types of one file. They refer to each other, and to no type of another file.
struct MessageTexts::Set {
  explicit Set(const std::string& file) : channels(ChannelMap::from_descriptor_set_file(file)) {
    google::protobuf::FileDescriptorSet files;
    std::ifstream in(file, std::ios::binary);
    if (!files.ParseFromIstream(&in))
      throw Error(errc::invalid_config, fmt::format("the file {} cannot be read", file));
    // Imports come before the files that import them.
    for (const auto& each : files.file()) {
      if (pool.BuildFile(each) != nullptr) continue;
      throw Error(errc::invalid_config,
                  fmt::format("{}: {} lacks a file that it imports; write the descriptor set with --include_imports",
                              file, each.name()));
    }
  }

  ChannelMap channels;
  google::protobuf::DescriptorPool pool;
  google::protobuf::DynamicMessageFactory factory{&pool};
};

MessageTexts::MessageTexts(const std::vector<std::string>& files) {
  for (const std::string& file : files) sets_.push_back(std::make_unique<Set>(file));
}
MessageTexts::~MessageTexts() = default;

std::string MessageTexts::json(std::string_view topic, std::string_view bytes) const {
  std::vector<std::string> topics;
  for (const auto& set : sets_) {
    for (const auto& entry : set->channels.entries()) topics.push_back(entry.topic);
    const auto* entry = set->channels.find(topic);
    if (entry == nullptr) continue;
    const auto* type = set->pool.FindMessageTypeByName(entry->type);
    const std::unique_ptr<google::protobuf::Message> message(set->factory.GetPrototype(type)->New());
    std::string text;
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    options.preserve_proto_field_names = true;
    if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      throw Error(errc::invalid_config, fmt::format("the value is not a {}", entry->type));
    }
    const auto status = google::protobuf::util::MessageToJsonString(*message, &text, options);
    if (status.ok()) return text;
    throw Error(errc::invalid_config,
                fmt::format("a {} cannot be printed as JSON: {}", entry->type, status.ToString()));
  }
  throw Error(errc::unknown_topic,
              topics.empty() ? fmt::format("no descriptor set declares a channel")
                             : fmt::format("no descriptor set declares a channel of topic {}; did you mean {}?", topic,
                                           closest(topic, topics)));
}

}  // namespace conveyor::cli
