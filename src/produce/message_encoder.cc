#include "produce/message_encoder.h"

#include <fmt/format.h>

#include <utility>

#include "codec/encode_plan.h"

namespace conveyor::detail {

MessageEncoder::Encoded MessageEncoder::encode(std::string_view topic, const ChannelOptions& channel,
                                               const google::protobuf::Message& message, const StampTarget& target,
                                               const SendOptions& options, const codec::Trace* incoming,
                                               DeliveryCallback done) const {
  const codec::EncodePlan plan{message,
                               {.topic = topic,
                                .channel = channel,
                                .target = target,
                                .environment = environment_,
                                .service = service_,
                                .incoming = incoming,
                                .user_headers = options.headers,
                                .max_message_bytes = max_message_bytes_}};  // the plan refuses what is larger
  if (const auto& failure = plan.failure()) return {.refusal = kafka::Refusal{failure->code, failure->text}};
  // The value is written where it stays until it is sent.
  kafka::ProducerRecord::Builder builder{topic, options, plan.most_bytes(), plan.headers()};
  auto written = plan.write(builder.value());
  if (written.failure) return {.refusal = kafka::Refusal{written.failure->code, std::move(written.failure->text)}};
  Encoded result{.send = std::move(builder).build(written.bytes, std::move(done)),
                 .message_bytes = plan.message_bytes()};
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
