#ifndef CONVEYOR_SRC_PRODUCE_PRODUCER_CORE_H_
#define CONVEYOR_SRC_PRODUCE_PRODUCER_CORE_H_

#include <memory>
#include <optional>
#include <string_view>

#include "base/forks.h"
#include "codec/trace.h"
#include "conveyor/producer.h"
#include "produce/delivery_barrier.h"
#include "produce/message_encoder.h"
#include "produce/producer_client.h"

namespace conveyor::detail {

/// What Producer and the contexts of a worker send through.
class ProducerCore {
 public:
  ProducerCore(const Config& config, const ProducerOptions& options, kafka::ProducerEnvironment environment = {});

  /// @param incoming the trace of the message being handled, or null
  /// @return nothing when the send was accepted, or dropped as WhenFull::kDrop says
  [[nodiscard]] std::optional<kafka::Refusal> send(std::string_view topic, const ChannelOptions& channel,
                                                   const google::protobuf::Message& message, const StampTarget& target,
                                                   const SendOptions& options, const codec::Trace* incoming,
                                                   DeliveryCallback done);

  /// Whether this process is a child of the one that made the object. Its threads do not exist here, and its locks may
  /// be held for ever.
  [[nodiscard]] bool in_child() const noexcept { return fork_watch_.in_child(); }
  /// @throws Error with errc::fatal in a child process
  void check_process() const;

  [[nodiscard]] kafka::ProducerClient& client() noexcept { return client_; }
  [[nodiscard]] const std::shared_ptr<DeliveryBarrier>& delivery_barrier() const noexcept { return barrier_; }

 private:
  const ForkWatch fork_watch_;
  const MessageEncoder encoder_;
  const WhenFull when_full_;
  const std::shared_ptr<DeliveryBarrier> barrier_ = std::make_shared<DeliveryBarrier>();
  kafka::ProducerClient client_;
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_PRODUCE_PRODUCER_CORE_H_
