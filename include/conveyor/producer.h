#ifndef CONVEYOR_PRODUCER_H_
#define CONVEYOR_PRODUCER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "conveyor/channel.h"
#include "conveyor/config.h"
#include "conveyor/counters.h"
#include "conveyor/error.h"
#include "conveyor/message.h"
#include "conveyor/metadata.h"
#include "conveyor/send_key.h"

namespace conveyor {

/// What send does while the producer's queue is full.
enum class WhenFull {
  kBlock,  ///< waits up to ProducerOptions::block_for, then fails with errc::queue_full
  kFail,   ///< fails at once with errc::queue_full
  kDrop,   ///< returns as if sent; nothing is accepted, the drop is counted and reported to the observer
};

struct ProducerOptions {
  WhenFull when_full = WhenFull::kBlock;
  std::chrono::milliseconds block_for{5'000};
  std::size_t max_queued_messages = 100'000;
  std::size_t max_queued_bytes = std::size_t{256} << 20;  ///< of keys and values as they travel
  /// From send to acknowledgement, retries and recoveries included; after it the send fails with errc::timed_out, or
  /// with errc::possibly_delivered when a recovery fell in between.
  std::chrono::milliseconds delivery_timeout{120'000};
  /// How long the destructor waits for what is in flight before it gives it up; each is still resolved.
  std::chrono::milliseconds close_within{5'000};
  /// After a recovery, what the broker may have stored already is sent again: nothing is lost, some may be doubled.
  /// false: it fails with errc::possibly_delivered, and recoveries double nothing.
  bool resend = true;
};

struct SendOptions {
  SendKey key = {};  ///< records of one key share a partition, in order; none: any partition
  /// Sent as they are, before our own. Those that describe the record (content-encoding, conveyor-size, ...) are ours
  /// alone: headers handed on from another record lose them. A traceparent wins over the trace of the message in hand,
  /// unless it is that message's own.
  std::vector<Header> headers = {};
  std::int32_t partition = -1;  ///< -1: by key (murmur2, as Java and kafka-python choose)
};

/// What became of one accepted send.
struct Delivery {
  std::error_code error = {};        ///< none: stored by the broker
  std::string_view error_text = {};  ///< lives during the callback
  std::string_view topic = {};
  std::int32_t partition = -1;
  std::int64_t offset = -1;
};

struct FlushReport {
  std::uint64_t delivered = 0;  ///< since the producer was made or last flushed
  std::uint64_t failed = 0;     ///< likewise
  std::uint64_t left = 0;       ///< still in flight

  /// Everything that was accepted is delivered.
  [[nodiscard]] bool ok() const noexcept { return failed == 0 && left == 0; }
};

/// Called exactly once for each accepted send, from the producer's own thread or, for sends given up, from its
/// destructor. It must not block; it may send. What it throws is logged and swallowed.
using DeliveryCallback = std::function<void(const Delivery&)>;

namespace detail {
class ConsumerCore;
class ProducerCore;
}  // namespace detail

/// Sends messages; one per process is enough.
///
///     conveyor::Producer producer{conveyor::Config::from_env()};
///     producer.send(kOrders, order, {.key = order.customer()});
///     auto report = producer.flush(10s);
///
/// A send is accepted (returns) or refused (throws); every accepted one resolves exactly once, as delivered or failed.
/// Delivery is idempotent: retries neither double nor reorder. Nothing is copied but the message's serialised bytes, so
/// the message may be changed as soon as send returns.
///
/// When the Kafka client fails for good (brokers that forgot the producer, say), the producer recovers: it takes back
/// what is not resolved, makes another client, and sends again in the order of the sends, to the partitions already
/// chosen and within their delivery timeouts; this goes on for as long as clients fail, with growing waits. Sends are
/// accepted meanwhile while the queue has room; what would have been thrown for an unknown topic or partition is then
/// reported to the callback. What remains of a failure:
/// - duplicates, at most of what was on its way when the client failed (ProducerCounters::possible_duplicates); none
///   with ProducerOptions::resend = false;
/// - of what was on its way, a late copy may lie among later records; everything else keeps its order;
/// - errors that no other client would escape, such as no right to write idempotently: sends throw errc::fatal then.
///
/// Thread safety: all functions may be called from any thread. A child that is made by fork() has none of its parent's
/// threads: there sends, flushes and waits fail with errc::fatal, the destructor does nothing, and a producer of its
/// own works.
class CONVEYOR_EXPORT Producer {
 public:
  /// Does not wait for a broker. @throws Error with errc::unknown_property or errc::invalid_config
  explicit Producer(const Config& config, const ProducerOptions& options = {});
  ~Producer();
  Producer(Producer&&) noexcept;
  Producer& operator=(Producer&&) noexcept;

  /// @throws Error with errc::message_too_large, queue_full, unknown_topic, unknown_partition or fatal; with
  ///         errc::encode, naming the field, for a message that no protobuf parser would read: required fields missing,
  ///         a string that is not UTF-8 (proto3), sub-messages more than 100 levels deep
  template <ProtobufMessage T>
  void send(const Channel<T>& channel, const std::type_identity_t<T>& message, const SendOptions& options = {},
            DeliveryCallback done = {}) {
    send_erased(channel.topic(), channel.options(), message, detail::stamp_target(message), options, std::move(done));
  }

  /// Like send, but returns what send would throw; the observer gets the whole text.
  template <ProtobufMessage T>
  [[nodiscard]] std::error_code try_send(const Channel<T>& channel, const std::type_identity_t<T>& message,
                                         const SendOptions& options = {}, DeliveryCallback done = {}) noexcept {
    return try_send_erased(channel.topic(), channel.options(), message, detail::stamp_target(message), options,
                           std::move(done));
  }

  /// Sends without waiting for more to batch, and returns when everything accepted so far is resolved or `within` has
  /// passed.
  FlushReport flush(std::chrono::milliseconds within);

  /// Returns once a broker answers. @throws Error with errc::broker_unreachable or errc::not_authorized
  void wait_until_connected(std::chrono::milliseconds within);

  [[nodiscard]] ProducerCounters counters() const noexcept;

 private:
  friend class detail::ConsumerCore;  // ConsumerOptions::producer

  void send_erased(std::string_view topic, const ChannelOptions& channel, const google::protobuf::Message& message,
                   const detail::StampTarget& stamp, const SendOptions& options, DeliveryCallback done);
  std::error_code try_send_erased(std::string_view topic, const ChannelOptions& channel,
                                  const google::protobuf::Message& message, const detail::StampTarget& stamp,
                                  const SendOptions& options, DeliveryCallback done) noexcept;

  std::unique_ptr<detail::ProducerCore> core_;
};

}  // namespace conveyor

#endif  // CONVEYOR_PRODUCER_H_
