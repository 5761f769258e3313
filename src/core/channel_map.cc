#include "conveyor/channel_map.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "base/edit_distance.h"
#include "conveyor/error.h"
#include "conveyor/v1/options.pb.h"

namespace conveyor {
namespace {

constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{64} << 20;

// Names may come from files of any origin, so none reaches a terminal unescaped.
std::string shown(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  std::string text(name.substr(0, kLongest));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (name.size() > kLongest) text += "...";
  return text;
}

std::string shown(const ChannelOptions& options) {
  return options.codec == Codec::kRaw ? "raw" : fmt::format("zlib level {}", options.level);
}

// Whether both options write the same bytes. A raw channel has no level to compare.
bool same(const ChannelOptions& left, const ChannelOptions& right) {
  return left.codec == right.codec && (left.codec == Codec::kRaw || left.level == right.level);
}

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Accepts a full protobuf name: identifiers separated by dots.
bool legal_type(std::string_view type) {
  bool first = true;
  for (const char c : type) {
    if (c == '.' ? first : !letter(c) && (first || c < '0' || c > '9')) return false;
    first = c == '.';
  }
  return !first;
}

void check(const ChannelMap::Entry& entry) {
  if (!detail::legal_topic(entry.topic)) {
    throw Error(errc::invalid_topic,
                fmt::format("\"{}\" is not a legal Kafka topic name: use 1 to 249 of letters, digits, '.', '_' and '-'",
                            shown(entry.topic)));
  }
  if (!legal_type(entry.type)) {
    throw Error(errc::invalid_config, fmt::format("topic {}: \"{}\" is not the full name of a message type, such as "
                                                  "conveyor.v1.Image",
                                                  entry.topic, shown(entry.type)));
  }
  if (!detail::legal_level(entry.options.level)) {
    throw Error(errc::invalid_config,
                fmt::format("topic {}: level {} is outside the range 1 to 12", entry.topic, entry.options.level));
  }
}

// Parses "codec=raw" or "level=6".
// @return what is wrong with the text, or nothing
std::optional<std::string> read_option(std::string_view text, ChannelOptions& options) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const std::string_view value = equals == text.npos ? std::string_view{} : text.substr(equals + 1);
  if (name == "codec" && (value == "zlib" || value == "raw")) {
    options.codec = value == "raw" ? Codec::kRaw : Codec::kZlib;
    return std::nullopt;
  }
  if (name == "codec") return fmt::format("codec \"{}\" is neither zlib nor raw", shown(value));
  if (name == "level") {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), options.level);
    if (error == std::errc() && end == value.data() + value.size()) return std::nullopt;
    return fmt::format("level \"{}\" is not a number", shown(value));
  }
  return fmt::format("unknown option \"{}\"; the options are codec and level", shown(name));
}

ChannelMap::Entry read_pair(std::string_view pair) {
  const auto refuse = [&](const std::string& why) {
    throw Error(errc::invalid_config, fmt::format("channel \"{}\": {}", shown(pair), why));
  };
  const std::size_t equals = pair.find('=');
  if (equals == pair.npos) refuse("expected TOPIC=TYPE, such as VideoStream=conveyor.v1.Image");
  ChannelMap::Entry entry;
  entry.topic = pair.substr(0, equals);
  std::string_view rest = pair.substr(equals + 1);
  entry.type = rest.substr(0, rest.find(';'));
  while (rest.find(';') != rest.npos) {
    rest.remove_prefix(rest.find(';') + 1);
    if (const auto wrong = read_option(rest.substr(0, rest.find(';')), entry.options)) refuse(*wrong);
  }
  return entry;
}

ChannelMap::Entry entry_of(const v1::ChannelDeclaration& declared, const std::string& type) {
  ChannelMap::Entry entry(declared.topic(), type);
  switch (declared.codec()) {
    case v1::CHANNEL_CODEC_UNSPECIFIED:
    case v1::CHANNEL_CODEC_ZLIB:
      break;
    case v1::CHANNEL_CODEC_RAW:
      entry.options.codec = Codec::kRaw;
      break;
    default:
      throw Error(errc::invalid_config,
                  fmt::format("codec {} is unknown to this version, which has zlib (1) and raw (2)",
                              static_cast<int>(declared.codec())));
  }
  if (declared.level() != 0) entry.options.level = declared.level();
  return entry;
}

// `add` throws an error that names the entry; this adds where the entry comes from.
template <class F>
void named(std::string_view where, F&& add) {
  try {
    add();
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {}", where, error.what()));
  }
}

void add_declared(ChannelMap& map, const google::protobuf::DescriptorProto& message, const std::string& scope) {
  const std::string type = scope.empty() ? message.name() : scope + "." + message.name();
  if (message.options().HasExtension(v1::channel)) {
    named(fmt::format("message {}", shown(type)),
          [&] { map.add(entry_of(message.options().GetExtension(v1::channel), type)); });
  }
  for (const auto& nested : message.nested_type()) add_declared(map, nested, type);
}

}  // namespace

ChannelMap::Entry::Entry(std::string topic_name, std::string type_name, ChannelOptions channel_options)
    : topic(std::move(topic_name)), type(std::move(type_name)), options(channel_options) {}

ChannelMap::ChannelMap(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) add(entry);
}

ChannelMap ChannelMap::from_pairs(std::span<const std::string> pairs) {
  ChannelMap map;
  for (const std::string& pair : pairs) {
    Entry entry = read_pair(pair);
    named(fmt::format("channel \"{}\"", shown(pair)), [&] { map.add(std::move(entry)); });
  }
  return map;
}

ChannelMap ChannelMap::from_descriptor_set(const google::protobuf::FileDescriptorSet& files) {
  ChannelMap map;
  for (const auto& file : files.file()) {
    for (const auto& message : file.message_type()) add_declared(map, message, file.package());
  }
  return map;
}

ChannelMap ChannelMap::from_descriptor_set_file(const std::filesystem::path& file) {
  const auto refuse = [&](const std::string& why) {
    throw Error(errc::invalid_config, fmt::format("{}: {}", shown(file.string()), why));
  };
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) refuse(error ? error.message() : "not a regular file");
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) refuse(error.message());
  if (size > kMaxFileBytes)
    refuse(fmt::format("the file has {} bytes; the limit for a descriptor set is {}", size, kMaxFileBytes));
  std::string bytes(size, '\0');
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(size))) refuse("the file cannot be read");

  google::protobuf::FileDescriptorSet files;
  if (!files.ParseFromString(bytes) || files.file_size() == 0) {
    refuse("the file is not a descriptor set; protoc writes one with --descriptor_set_out=FILE --include_imports");
  }
  ChannelMap map;
  named(shown(file.string()), [&] { map = from_descriptor_set(files); });
  return map;
}

void ChannelMap::add(Entry entry) {
  check(entry);
  const auto place = std::lower_bound(entries_.begin(), entries_.end(), entry,
                                      [](const Entry& left, const Entry& right) { return left.topic < right.topic; });
  if (place == entries_.end() || place->topic != entry.topic) {
    entries_.insert(place, std::move(entry));
    return;
  }
  if (place->type != entry.type) {
    throw Error(errc::invalid_config,
                fmt::format("topic {} cannot carry {}: it already carries {}", entry.topic, entry.type, place->type));
  }
  if (!same(place->options, entry.options)) {
    throw Error(errc::invalid_config, fmt::format("topic {} cannot be {}: it is {} already", entry.topic,
                                                  shown(entry.options), shown(place->options)));
  }
}

void ChannelMap::add(const ChannelMap& other) {
  ChannelMap both = *this;
  for (const Entry& entry : other.entries_) both.add(entry);
  *this = std::move(both);
}

const ChannelMap::Entry* ChannelMap::find(std::string_view topic) const noexcept {
  const auto place = std::lower_bound(entries_.begin(), entries_.end(), topic,
                                      [](const Entry& entry, std::string_view name) { return entry.topic < name; });
  return place != entries_.end() && place->topic == topic ? &*place : nullptr;
}

const ChannelMap::Entry& ChannelMap::checked(std::string_view topic, std::string_view type) const {
  const Entry* entry = find(topic);
  if (!entry) {
    std::vector<std::string_view> topics;
    for (const Entry& each : entries_) topics.emplace_back(each.topic);
    const std::string_view near = closest(topic, topics);
    throw Error(errc::unknown_topic, near.empty()
                                         ? fmt::format("no channel on topic {}: the map is empty", shown(topic))
                                         : fmt::format("no channel on topic {}; did you mean {}?", shown(topic), near));
  }
  if (entry->type != type) {
    throw Error(errc::wrong_type, fmt::format("topic {} carries {}, not {}", topic, entry->type, type));
  }
  return *entry;
}

}  // namespace conveyor
