#ifndef CONVEYOR_SRC_PRODUCE_MESSAGE_ENCODER_H_
#define CONVEYOR_SRC_PRODUCE_MESSAGE_ENCODER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "codec/trace.h"
#include "conveyor/producer.h"
#include "kafka/producer_record.h"

namespace conveyor::detail {

/// Encodes messages into sends; the only place where codec and client meet.
///
/// Thread safety: all functions may be called from any thread.
class MessageEncoder {
 public:
  explicit MessageEncoder(const Config& config)
      : environment_(config.environment),
        service_(config.service),
        max_message_bytes_(config.max_message_bytes),
        max_record_bytes_(config.max_record_bytes) {}

  struct Encoded {
    kafka::ProducerRecord::Ptr send = {};
    std::size_t message_bytes = 0;
    std::optional<kafka::Refusal> refusal = {};  ///< why there is no send
  };
  /// @param incoming the trace of the message being handled, or null
  [[nodiscard]] Encoded encode(std::string_view topic, const ChannelOptions& channel,
                               const google::protobuf::Message& message, const StampTarget& target,
                               const SendOptions& options, const codec::Trace* incoming, DeliveryCallback done) const;

 private:
  const Environment environment_;
  const std::string service_;
  const std::size_t max_message_bytes_;
  const std::size_t max_record_bytes_;
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_PRODUCE_MESSAGE_ENCODER_H_
