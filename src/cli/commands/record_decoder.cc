#include "cli/commands/record_decoder.h"

#include <utility>

#include "cli/output/message_text.h"
#include "codec/decode.h"
#include "codec/header_names.h"
#include "codec/last_header.h"

namespace conveyor::cli {

RecordDecoder::RecordDecoder(const Options& options)
    : max_message_bytes_(options.max_message_bytes), types_(options.descriptors) {
  const auto* channel = types_.channel_of(options.topic);
  if (channel != nullptr) codec_ = channel->options.codec;
  std::string type = options.type;
  if (type.empty() && channel != nullptr) type = channel->type;
  if (type.empty()) type = MessageTypes::usual_type_of(options.topic);
  if (!type.empty()) message_ = types_.make(type);
}

std::optional<std::string> RecordDecoder::decode(std::string_view value, const Headers& headers) {
  const bool deflated = looks_deflated(value);
  if (!deflated) {
    // Then it is the message itself or nothing, whatever headers say, and reading them costs as much as decoding.
    static const Headers none;
    message_->Clear();
    if (!codec::decode(value, none, Codec::kRaw, max_message_bytes_, *message_)) return {};
  }
  const Codec first = codec_.value_or(deflated ? Codec::kZlib : Codec::kRaw);
  message_->Clear();
  auto wrong = codec::decode(value, headers, first, max_message_bytes_, *message_);
  if (!wrong || codec_ || codec::last_header(headers.all(), codec::kContentEncoding) != nullptr) return wrong;
  // Neither the channel nor a header says what the value is, and a message may look like a zlib stream.
  message_->Clear();
  const Codec other = first == Codec::kZlib ? Codec::kRaw : Codec::kZlib;
  if (!codec::decode(value, headers, other, max_message_bytes_, *message_)) return {};
  return wrong;
}

std::string RecordDecoder::plain(std::string_view value) const {
  if (auto message = inflated(value, max_message_bytes_)) return std::move(*message);
  return std::string(value);
}

}  // namespace conveyor::cli
