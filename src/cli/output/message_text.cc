#include "cli/output/message_text.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "base/edit_distance.h"
#include "codec/deflate.h"
#include "codec/scratch.h"
#include "conveyor/error.h"

namespace conveyor::cli {

namespace {

constexpr std::size_t kHeader = 2;

}  // namespace

bool looks_deflated(std::string_view bytes) {
  if (bytes.size() < kHeader) return false;
  // RFC 1950: the lower half of the first byte is the method, and both bytes together are a multiple of 31.
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  return (first & 15U) == 8 && (first * 256U + second) % 31 == 0;
}

std::optional<std::string> inflated(std::string_view stream, std::size_t limit) {
  if (!looks_deflated(stream)) return {};
  codec::Scratch scratch;
  const auto found = codec::inflate_raw(stream.substr(kHeader), limit, scratch);
  if (found.error) return {};
  return std::string(found.bytes);
}

std::string message_json(const MessageTypes& types, std::string_view topic, std::string_view bytes) {
  const auto* entry = types.channel_of(topic);
  if (entry == nullptr) {
    const auto topics = types.topics();
    throw Error(errc::unknown_topic, topics.empty()
                                         ? fmt::format("no descriptor set declares a channel")
                                         : fmt::format("no descriptor set declares a channel of topic {}; did you "
                                                       "mean {}?",
                                                       topic, closest(topic, topics)));
  }
  const auto message = types.make(entry->type);
  if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw Error(errc::invalid_config, fmt::format("the value is not a {}", entry->type));
  }
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  const auto status = google::protobuf::util::MessageToJsonString(*message, &text, options);
  if (status.ok()) return text;
  throw Error(errc::invalid_config, fmt::format("a {} cannot be printed as JSON: {}", entry->type, status.ToString()));
}

}  // namespace conveyor::cli
