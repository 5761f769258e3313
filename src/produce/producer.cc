#include "conveyor/producer.h"

#include <utility>

#include "produce/producer_core.h"

namespace conveyor {
namespace detail {
namespace {

// One send in the DeliveryBarrier; cancelled unless the send is accepted.
class BarrierEntry {
 public:
  explicit BarrierEntry(const std::shared_ptr<DeliveryBarrier>& barrier)
      : barrier_(barrier), sequence_(barrier->begin()) {}
  ~BarrierEntry() {
    if (sequence_ != 0) barrier_->cancelled(sequence_);
  }
  BarrierEntry(const BarrierEntry&) = delete;
  BarrierEntry& operator=(const BarrierEntry&) = delete;

  [[nodiscard]] DeliveryCallback noting(DeliveryCallback done) const {
    if (sequence_ == 0) return done;
    return [barrier = barrier_, sequence = sequence_, done = std::move(done)](const Delivery& delivery) {
      try {
        if (done) done(delivery);
      } catch (...) {
        barrier->resolved(sequence, delivery);
        throw;
      }
      barrier->resolved(sequence, delivery);
    };
  }
  void accepted() noexcept { sequence_ = 0; }

 private:
  const std::shared_ptr<DeliveryBarrier>& barrier_;
  std::uint64_t sequence_;
};

constexpr const char* kInChild =
    "this producer was made before fork() and works in the parent process only; make another one in the child";

}  // namespace

ProducerCore::ProducerCore(const Config& config, const ProducerOptions& options, kafka::ProducerEnvironment environment)
    : encoder_(config), when_full_(options.when_full), client_(config, options, {}, std::move(environment)) {}

std::optional<kafka::Refusal> ProducerCore::send(std::string_view topic, const ChannelOptions& channel,
                                                 const google::protobuf::Message& message, const StampTarget& target,
                                                 const SendOptions& options, const codec::Trace* incoming,
                                                 DeliveryCallback done) {
  if (in_child()) [[unlikely]]
    return kafka::Refusal{errc::fatal, kInChild};
  BarrierEntry entry{barrier_};
  auto encoded = encoder_.encode(topic, channel, message, target, options, incoming, entry.noting(std::move(done)));
  std::optional<kafka::Refusal> refusal = std::move(encoded.refusal);
  if (!refusal) refusal = client_.submit(std::move(encoded.send), encoded.message_bytes);
  if (!refusal) {
    entry.accepted();
    return {};
  }

  const bool dropped = refusal->code == errc::queue_full && when_full_ == WhenFull::kDrop;
  client_.count_refused(dropped);
  client_.reporter().event({.kind = dropped ? Event::Kind::kDropped : Event::Kind::kRefused,
                            .topic = topic,
                            .partition = options.partition,
                            .error = refusal->code,
                            .text = refusal->text});
  if (dropped) return {};
  return refusal;
}

void ProducerCore::check_process() const {
  if (in_child()) throw Error(errc::fatal, kInChild);
}

}  // namespace detail

Producer::Producer(const Config& config, const ProducerOptions& options) {
  config.validate();
  core_ = std::make_unique<detail::ProducerCore>(config, options);
}
Producer::~Producer() {
  // its threads do not exist in the child, so it cannot be ended
  if (core_ && core_->in_child()) static_cast<void>(core_.release());
}
Producer::Producer(Producer&&) noexcept = default;
Producer& Producer::operator=(Producer&& other) noexcept {
  if (this == &other) return *this;
  const Producer ended(std::move(*this));
  core_ = std::move(other.core_);
  return *this;
}

void Producer::send_erased(std::string_view topic, const ChannelOptions& channel,
                           const google::protobuf::Message& message, const detail::StampTarget& stamp,
                           const SendOptions& options, DeliveryCallback done) {
  if (auto refusal = core_->send(topic, channel, message, stamp, options, nullptr, std::move(done))) {
    throw Error(refusal->code, refusal->text);
  }
}

std::error_code Producer::try_send_erased(std::string_view topic, const ChannelOptions& channel,
                                          const google::protobuf::Message& message, const detail::StampTarget& stamp,
                                          const SendOptions& options, DeliveryCallback done) noexcept {
  try {
    if (const auto refusal = core_->send(topic, channel, message, stamp, options, nullptr, std::move(done))) {
      return refusal->code;
    }
    return {};
  } catch (...) {
    return errc::fatal;  // out of memory
  }
}

FlushReport Producer::flush(std::chrono::milliseconds within) {
  core_->check_process();
  return core_->client().flush(within);
}

void Producer::wait_until_connected(std::chrono::milliseconds within) {
  core_->check_process();
  core_->client().wait_until_connected(within);
}

ProducerCounters Producer::counters() const noexcept {
  return core_->in_child() ? ProducerCounters() : core_->client().counters();
}

}  // namespace conveyor
