#include "produce/untyped_producer.h"

#include <utility>

#include "produce/producer_core.h"

namespace conveyor::detail {

UntypedProducer::UntypedProducer(const Config& config, const ProducerOptions& options)
    : core_(std::make_unique<ProducerCore>(config, options)) {}
UntypedProducer::~UntypedProducer() = default;

std::optional<kafka::Refusal> UntypedProducer::send(std::string_view topic, const ChannelOptions& channel,
                                                    const google::protobuf::Message& message, const StampTarget& target,
                                                    const SendOptions& options, DeliveryCallback done) {
  return core_->send(topic, channel, message, target, options, nullptr, std::move(done));
}

FlushReport UntypedProducer::flush(std::chrono::milliseconds within) { return core_->client().flush(within); }
void UntypedProducer::wait_until_connected(std::chrono::milliseconds within) {
  core_->client().wait_until_connected(within);
}

}  // namespace conveyor::detail
