#include "kafka/producer_session.h"

#include <algorithm>
#include <cstdint>
#include <thread>
#include <utility>

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

// What a dead letter may have above what its record had: our headers. The registry enforces Config::max_record_bytes
// itself, so the client's own limit only has to be above what brokers take.
constexpr std::size_t kRecordOverhead = std::size_t{64} << 10;
constexpr std::size_t kLargestOfBrokers = 1'048'588;  // message.max.bytes, unless raised
constexpr std::size_t kSmallestMessageMaxBytes = 1'000;
constexpr std::size_t kLargestMessageMaxBytes = 1'000'000'000;

Properties defaults() {
  return {
      {"enable.idempotence", "true"},
      // As Java and kafka-python choose; librdkafka's own default puts a key elsewhere.
      {"partitioner", "murmur2_random"},
      {"socket.nagle.disable", "true"},
  };
}

Properties required(const Config& config, const ProducerOptions& options) {
  // The registry bounds the queue; librdkafka's own bounds only have to be above it.
  const std::size_t messages = std::clamp<std::size_t>(options.max_queued_messages + 1'000, 1, 10'000'000);
  const std::size_t kbytes = std::clamp<std::size_t>(options.max_queued_bytes / 1024 * 2 + 65'536, 1, 2'147'483'647);
  const std::size_t record = std::clamp(std::max(config.max_record_bytes, kLargestOfBrokers) + kRecordOverhead,
                                        kSmallestMessageMaxBytes, kLargestMessageMaxBytes);
  return {
      {"queue.buffering.max.messages", std::to_string(messages)},
      {"queue.buffering.max.kbytes", std::to_string(kbytes)},
      {"message.max.bytes", std::to_string(record)},
      {"message.timeout.ms", std::to_string(std::max<std::int64_t>(options.delivery_timeout.count(), 1))},
  };
}

// Below 256, and far apart for addresses that are near each other: Fibonacci hashing (Knuth, The Art of Computer
// Programming 3, 6.4), with 2^64 divided by the golden ratio.
std::size_t place_of(const void* address) noexcept {
  constexpr std::uint64_t kFibonacci = 0x9E37'79B9'7F4A'7C15;
  return static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(address) * kFibonacci >> 56);
}

}  // namespace

ProducerSession::ProducerSession(const Config& config, const ProducerOptions& options,
                                 std::shared_ptr<Reporter> reporter)
    : topic_prefix_(config.topic_prefix),
      client_(RD_KAFKA_PRODUCER, config, defaults(), required(config, options),
              RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR, std::move(reporter)),
      events_(rd_kafka_queue_get_main(client_.get())) {}

void ProducerSession::check(const Config& config, const ProducerOptions& options) {
  check_client(RD_KAFKA_PRODUCER, config, defaults(), required(config, options));
}

rd_kafka_topic_t* ProducerSession::topic(std::string_view channel) {
  const Topics::value_type*& recent = recent_[place_of(channel.data())];
  if (recent != nullptr && recent->first == channel) return recent->second.get();
  auto found = topics_.find(channel);
  if (found == topics_.end()) {
    Topic handle{rd_kafka_topic_new(client_.get(), (topic_prefix_ + std::string(channel)).c_str(), nullptr)};
    if (!handle) return nullptr;
    found = topics_.emplace(channel, std::move(handle)).first;
  }
  recent = &*found;
  return found->second.get();
}

KafkaEvent ProducerSession::poll(milliseconds within) {
  return KafkaEvent{rd_kafka_queue_poll(events_.get(), static_cast<int>(within.count()))};
}

void ProducerSession::end_poll() { rd_kafka_queue_yield(events_.get()); }

rd_kafka_resp_err_t ProducerSession::fatal_error() const noexcept {
  return rd_kafka_fatal_error(client_.get(), nullptr, 0);
}

void ProducerSession::ask_back(bool everything) {
  // Waiting for its broker threads could take as long as they hang.
  const int sent = everything ? RD_KAFKA_PURGE_F_INFLIGHT : 0;
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING | sent);
}

void ProducerSession::wait_for_senders() const noexcept {
  // They are in the midst of a call that does not wait.
  while (senders_.load(std::memory_order_acquire) != 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
}

void ProducerSession::begin_destroy() {
  if (client_.get() == nullptr) return;
  recent_ = {};
  topics_.clear();
  events_.reset();
  client_.begin_destroy({}, std::move(kept_));
}

}  // namespace conveyor::kafka
