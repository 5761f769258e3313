#include "produce/message_encoder.h"

#include <fmt/format.h>

#include <utility>

#include "codec/encode.h"

namespace conveyor::detail {
namespace {

// The value is written, or compressed, where it stays until it is sent.
class SendMaker final : public codec::Destination {
 public:
  SendMaker(std::string_view topic, const SendOptions& options, DeliveryCallback done)
      : topic_(topic), options_(options), done_(std::move(done)) {}

  char* allocate(std::size_t most, std::span<const HeaderView> headers) override {
    return draft_.emplace(topic_, options_, most, headers).value();
  }
  void filled(std::size_t size) override { send_ = std::move(*draft_).finish(size, std::move(done_)); }
  kafka::PendingSend::Ptr take() { return std::move(send_); }

 private:
  std::string_view topic_;
  const SendOptions& options_;
  DeliveryCallback done_;
  std::optional<kafka::PendingSend::Draft> draft_;
  kafka::PendingSend::Ptr send_;
};

}  // namespace

MessageEncoder::Encoded MessageEncoder::encode(std::string_view topic, const ChannelOptions& channel,
                                               const google::protobuf::Message& message, const StampTarget& target,
                                               const SendOptions& options, const codec::Trace* incoming,
                                               DeliveryCallback done) const {
  SendMaker maker{topic, options, std::move(done)};
  auto encoded = codec::encode(message,
                               {.topic = topic,
                                .channel = channel,
                                .target = target,
                                .environment = environment_,
                                .service = service_,
                                .incoming = incoming,
                                .user_headers = options.headers,
                                .max_message_bytes = max_message_bytes_},
                               maker);
  if (encoded.failure) {
    return {.refusal = kafka::Refusal{encoded.failure->code, std::move(encoded.failure->text)}};
  }
  Encoded result{.send = maker.take(), .message_bytes = encoded.message_bytes};
  if (const std::size_t bytes = result.send->record_bytes(); bytes > max_record_bytes_) {
    result.refusal = kafka::Refusal{
        errc::message_too_large,
        fmt::format("record of {} bytes on channel {} exceeds Config::max_record_bytes = {}; raise it and the topic's "
                    "max.message.bytes",
                    bytes, topic, max_record_bytes_)};
  }
  return result;
}

}  // namespace conveyor::detail
