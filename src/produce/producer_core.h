#ifndef CONVEYOR_SRC_PRODUCE_PRODUCER_CORE_H_
#define CONVEYOR_SRC_PRODUCE_PRODUCER_CORE_H_

#include <memory>
#include <optional>
#include <string_view>

#include "base/forks.h"
#include "codec/trace.h"
#include "conveyor/producer.h"
#include "produce/message_encoder.h"
#include "produce/producer_client.h"
#include "produce/send_ledger.h"

namespace conveyor::detail {

/// What Producer and a worker's contexts send through.
class ProducerCore {
 public:
  ProducerCore(const Config& config, const ProducerOptions& options, kafka::ProducerEnvironment environment = {});

  /// @param incoming the trace of the message being handled, or null
  /// @return nothing when the send was accepted, or dropped as WhenFull::kDrop asks
  [[nodiscard]] std::optional<kafka::Refusal> send(std::string_view topic, const ChannelOptions& channel,
                                                   const google::protobuf::Message& message, const StampTarget& target,
                                                   const SendOptions& options, const codec::Trace* incoming,
                                                   DeliveryCallback done);

  /// This is a child of the process that made it: it has no threads here, and its locks may be held for ever.
  [[nodiscard]] bool in_child() const noexcept { return fork_watch_.in_child(); }
  /// @throws Error with errc::fatal in a child
  void check_process() const;

  [[nodiscard]] kafka::ProducerClient& client() noexcept { return client_; }
  [[nodiscard]] const std::shared_ptr<SendLedger>& ledger() const noexcept { return ledger_; }

 private:
  const ForkWatch fork_watch_;
  const MessageEncoder encoder_;
  const WhenFull when_full_;
  const std::shared_ptr<SendLedger> ledger_ = std::make_shared<SendLedger>();
  kafka::ProducerClient client_;
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_PRODUCE_PRODUCER_CORE_H_
