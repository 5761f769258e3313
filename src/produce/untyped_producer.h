#ifndef CONVEYOR_SRC_PRODUCE_UNTYPED_PRODUCER_H_
#define CONVEYOR_SRC_PRODUCE_UNTYPED_PRODUCER_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "conveyor/export.h"
#include "conveyor/producer.h"
#include "kafka/producer_record.h"

namespace conveyor::detail {

class ProducerCore;

/// A Producer for messages whose type is known only at run time. The command uses it, so it is exported.
///
/// Thread safety: as Producer.
class CONVEYOR_EXPORT UntypedProducer {
 public:
  /// @throws Error as Producer does
  UntypedProducer(const Config& config, const ProducerOptions& options);
  ~UntypedProducer();
  UntypedProducer(const UntypedProducer&) = delete;
  UntypedProducer& operator=(const UntypedProducer&) = delete;

  /// @param topic lives as long as the process
  /// @return why the send was refused; nothing: it was accepted
  [[nodiscard]] std::optional<kafka::Refusal> send(std::string_view topic, const ChannelOptions& channel,
                                                   const google::protobuf::Message& message, const StampTarget& target,
                                                   const SendOptions& options, DeliveryCallback done);
  /// As Producer's.
  FlushReport flush(std::chrono::milliseconds within);
  void wait_until_connected(std::chrono::milliseconds within);

 private:
  const std::unique_ptr<ProducerCore> core_;
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_PRODUCE_UNTYPED_PRODUCER_H_
