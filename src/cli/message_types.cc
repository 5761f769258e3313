#include "cli/message_types.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "base/edit_distance.h"
#include "conveyor/egg/v1/egg_scan.pb.h"
#include "conveyor/error.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/metadata.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/v1/processed_image.pb.h"

namespace conveyor::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<const Descriptor*> built_in_types() {
  return {v1::Image::descriptor(), v1::Prediction::descriptor(), v1::ProcessedImage::descriptor(),
          egg::v1::EggScan::descriptor()};
}

void add_types(const Descriptor* type, std::vector<const Descriptor*>& all) {
  if (type->options().map_entry()) return;
  all.push_back(type);
  for (int i = 0; i < type->nested_type_count(); ++i) add_types(type->nested_type(i), all);
}

/// The field _message_data, where it has the shape that is stamped: the eight fields of conveyor.v1.Metadata.
const FieldDescriptor* metadata_field_of(const Descriptor& type) {
  const FieldDescriptor* field = type.FindFieldByName("_message_data");
  if (field == nullptr || field->is_repeated() || field->message_type() == nullptr) return nullptr;
  const Descriptor* wanted = v1::Metadata::descriptor();
  for (int i = 0; i < wanted->field_count(); ++i) {
    const FieldDescriptor* theirs = field->message_type()->FindFieldByNumber(wanted->field(i)->number());
    if (theirs == nullptr || theirs->name() != wanted->field(i)->name()) return nullptr;
    if (theirs->cpp_type() != wanted->field(i)->cpp_type() || theirs->is_repeated()) return nullptr;
  }
  return field;
}

}  // namespace

/// The types of one file. They refer to each other, and to no type of another file.
struct MessageTypes::Set {
  explicit Set(const std::string& file) : channels(ChannelMap::from_descriptor_set_file(file)) {
    google::protobuf::FileDescriptorSet files;
    std::ifstream in(file, std::ios::binary);
    if (!files.ParseFromIstream(&in))
      throw Error(errc::invalid_config, fmt::format("the file {} cannot be read", file));
    // Imports come before the files that import them.
    for (const auto& each : files.file()) {
      const auto* built = pool.BuildFile(each);
      if (built == nullptr) {
        throw Error(errc::invalid_config,
                    fmt::format("{}: {} lacks a file that it imports; write the descriptor set with --include_imports",
                                file, each.name()));
      }
      for (int i = 0; i < built->message_type_count(); ++i) add_types(built->message_type(i), types);
    }
  }

  ChannelMap channels;
  google::protobuf::DescriptorPool pool;
  google::protobuf::DynamicMessageFactory factory{&pool};
  std::vector<const Descriptor*> types = {};
};

MessageTypes::MessageTypes(const std::vector<std::string>& files) {
  for (const std::string& file : files) sets_.push_back(std::make_unique<Set>(file));
}
MessageTypes::~MessageTypes() = default;

// The built-in types first: a descriptor set has copies of those that it imports.
std::vector<const Descriptor*> MessageTypes::all() const {
  std::vector<const Descriptor*> types = built_in_types();
  for (const auto& set : sets_) types.insert(types.end(), set->types.begin(), set->types.end());
  return types;
}

std::unique_ptr<Message> MessageTypes::make(std::string_view name) const {
  const auto types = all();
  const Descriptor* found = nullptr;
  for (const Descriptor* type : types) {
    if (type->full_name() == name) {
      found = type;
      break;
    }
    if (type->name() != name) continue;
    if (found != nullptr && found->full_name() != type->full_name()) {
      throw Error(errc::invalid_config,
                  fmt::format("{} may be {} or {}: give its full name", name, found->full_name(), type->full_name()));
    }
    if (found == nullptr) found = type;
  }
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const Descriptor* type : types) names.push_back(type->full_name());
    throw Error(errc::invalid_config,
                fmt::format("there is no message type {}; did you mean {}? Types that are not Conveyor's own need the "
                            "descriptor set that has them: --descriptors FILE",
                            name, closest(name, names)));
  }
  for (const auto& set : sets_) {
    if (found->file()->pool() != &set->pool) continue;
    return std::unique_ptr<Message>(set->factory.GetPrototype(found)->New());
  }
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(found)->New());
}

const ChannelMap::Entry* MessageTypes::channel_of(std::string_view topic) const {
  for (const auto& set : sets_) {
    if (const auto* entry = set->channels.find(topic)) return entry;
  }
  return nullptr;
}

std::string_view MessageTypes::usual_type_of(std::string_view topic) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kUsual{{
      {"VideoStream", "conveyor.v1.Image"},
      {"raw_video_frames", "conveyor.v1.Image"},
      {"Predictions", "conveyor.v1.Prediction"},
      {"processed_images", "conveyor.v1.ProcessedImage"},
  }};
  const auto* found = std::ranges::find(kUsual, topic, &std::pair<std::string_view, std::string_view>::first);
  return found != kUsual.end() ? found->second : "";
}

std::vector<std::string> MessageTypes::topics() const {
  std::vector<std::string> topics;
  for (const auto& set : sets_) {
    for (const auto& entry : set->channels.entries()) topics.push_back(entry.topic);
  }
  return topics;
}

detail::StampTarget stamp_target_of(const Message& message) {
  const FieldDescriptor* field = metadata_field_of(*message.GetDescriptor());
  return field != nullptr ? detail::StampTarget{.field = field->number()} : detail::StampTarget{};
}

std::string trace_id_in(const Message& message) {
  const FieldDescriptor* field = metadata_field_of(*message.GetDescriptor());
  if (field == nullptr || !message.GetReflection()->HasField(message, field)) return {};
  const Message& metadata = message.GetReflection()->GetMessage(message, field);
  return metadata.GetReflection()->GetString(metadata, metadata.GetDescriptor()->FindFieldByName("trace_id"));
}

}  // namespace conveyor::cli
