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

/// What send() does while the producer's queue is full.
enum class WhenFull {
  kBlock,  ///< waits up to ProducerOptions::block_timeout, then fails with errc::queue_full
  kFail,   ///< fails at once with errc::queue_full
  kDrop,   ///< returns as if sent; nothing is sent, the drop is counted and reported to the observer
};

struct ProducerOptions {
  WhenFull when_full = WhenFull::kBlock;
  std::chrono::milliseconds block_timeout{5'000};
  std::size_t max_queued_messages = 100'000;
  std::size_t max_queued_bytes = std::size_t{256} << 20;  ///< keys and values, after compression
  /// From send() to the acknowledgement, with all retries and recoveries. After it the send fails with errc::timed_out,
  /// or with errc::possibly_delivered when a recovery happened in between.
  std::chrono::milliseconds delivery_timeout{120'000};
  /// How long the destructor waits for sends in flight. It then gives up the rest; each of them is still resolved.
  std::chrono::milliseconds close_timeout{5'000};
  /// true: after a recovery, sends that a broker may have stored are sent again, so that nothing is lost but some
  /// records may be stored twice. false: they fail with errc::possibly_delivered, so that recoveries store nothing
  /// twice.
  bool resend = true;
};

struct SendOptions {
  SendKey key = {};  ///< records of one key go to one partition, in order; none: any partition
  /// Sent unchanged, before the library's own headers. Headers that describe the record itself (content-encoding,
  /// conveyor-size, ...) are always the library's: they are removed when you pass on headers of another record. A
  /// traceparent wins over the trace of the message being handled, unless it is that message's own.
  std::vector<Header> headers = {};
  std::int32_t partition = -1;  ///< -1: chosen by key (murmur2, as the Java client and kafka-python do)
};

/// The result of one accepted send.
struct Delivery {
  std::error_code error = {};        ///< none: stored by the broker
  std::string_view error_text = {};  ///< valid during the callback only
  std::string_view topic = {};
  std::int32_t partition = -1;
  std::int64_t offset = -1;
};

struct FlushReport {
  std::uint64_t delivered = 0;  ///< since the producer was made, or since the last flush
  std::uint64_t failed = 0;     ///< the same
  std::uint64_t left = 0;       ///< still in flight

  /// Everything that was accepted is delivered.
  [[nodiscard]] bool ok() const noexcept { return failed == 0 && left == 0; }
};

/// Called exactly once for each accepted send: on the producer's own thread, or on the thread that destroys the
/// producer for sends that it gives up. It must not block; it may send. Its exceptions are logged and swallowed.
using DeliveryCallback = std::function<void(const Delivery&)>;

namespace detail {
class ConsumerCore;
class ProducerCore;
}  // namespace detail

/// Sends messages. One producer for each process is enough.
///
///     conveyor::Producer producer{conveyor::Config::from_env()};
///     producer.send(kOrders, order, {.key = order.customer()});
///     auto report = producer.flush(10s);
///
/// A send is accepted (send returns) or refused (send throws). Every accepted send resolves exactly once, as delivered
/// or failed. Delivery is idempotent: retries neither duplicate nor reorder records. Only the message's serialised
/// bytes are copied, so you may change the message as soon as send returns.
///
/// When the Kafka client fails permanently (for example after brokers have lost the producer's state), the producer
/// recovers. It takes back the sends that are not resolved, creates another client, and sends them again in their
/// order, to the partitions already chosen and within their delivery timeouts. It does so for as long as clients fail,
/// with growing waits. While it recovers it accepts sends if the queue has room; an unknown topic or partition is then
/// reported to the callback instead of thrown. After a recovery:
/// - records may be stored twice, at most those that were on their way when the client failed
///   (ProducerCounters::possible_duplicates); none with ProducerOptions::resend = false;
/// - a late copy of a record that was on its way may lie between later records; all other records keep their order;
/// - if no other client would avoid the error, such as a missing right to write idempotently, sends throw errc::fatal.
///
/// Thread safety: all functions may be called from any thread. After fork() the child has none of its parent's threads:
/// sends, flushes and waits fail there with errc::fatal, and the destructor does nothing. Make another producer in the
/// child.
class CONVEYOR_EXPORT Producer {
 public:
  /// Does not wait for a broker. @throws Error with errc::unknown_property or errc::invalid_config
  explicit Producer(const Config& config, const ProducerOptions& options = {});
  ~Producer();
  Producer(Producer&&) noexcept;
  Producer& operator=(Producer&&) noexcept;

  /// @throws Error with errc::message_too_large, queue_full, unknown_topic, unknown_partition or fatal
  /// @throws Error with errc::encode, naming the field, for a message that no protobuf parser would accept: required
  /// fields missing, a string that is not UTF-8 (proto3), sub-messages nested more than 100 levels deep
  template <ProtobufMessage T>
  void send(const Channel<T>& channel, const std::type_identity_t<T>& message, const SendOptions& options = {},
            DeliveryCallback done = {}) {
    send_erased(channel.topic(), channel.options(), message, detail::stamp_target(message), options, std::move(done));
  }

  /// Like send(), but returns the code of what send() would throw. The observer gets the whole text.
  template <ProtobufMessage T>
  [[nodiscard]] std::error_code try_send(const Channel<T>& channel, const std::type_identity_t<T>& message,
                                         const SendOptions& options = {}, DeliveryCallback done = {}) noexcept {
    return try_send_erased(channel.topic(), channel.options(), message, detail::stamp_target(message), options,
                           std::move(done));
  }

  /// Sends at once, without waiting to fill batches. It returns when everything accepted so far is resolved, or after
  /// `within`.
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
