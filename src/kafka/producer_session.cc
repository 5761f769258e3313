#include "kafka/producer_session.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

// Room for the headers that a dead letter has in addition to those of its record. The registry enforces
// Config::max_record_bytes; librdkafka's own limit only has to be above what brokers accept.
constexpr std::size_t kRecordOverhead = std::size_t{64} << 10;
constexpr std::size_t kLargestOfBrokers = 1'048'588;  // default of the brokers' message.max.bytes
constexpr std::size_t kSmallestMessageMaxBytes = 1'000;
constexpr std::size_t kLargestMessageMaxBytes = 1'000'000'000;

Properties defaults() {
  return {
      {"enable.idempotence", "true"},
      // The partitioner of the Java client and kafka-python. librdkafka's own default chooses other partitions.
      {"partitioner", "murmur2_random"},
      {"socket.nagle.disable", "true"},
  };
}

Properties required(const Config& config, const ProducerOptions& options) {
  // The registry bounds the queue; librdkafka's own bounds only have to be larger.
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

}  // namespace

ProducerSession::ProducerSession(const Config& config, const ProducerOptions& options,
                                 std::shared_ptr<Reporter> reporter)
    : topic_prefix_(config.topic_prefix),
      bootstrap_servers_(config.bootstrap_servers),
      client_(RD_KAFKA_PRODUCER, config, defaults(), required(config, options),
              RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR, std::move(reporter)),
      events_(rd_kafka_queue_get_main(client_.get())) {}

void ProducerSession::check(const Config& config, const ProducerOptions& options) {
  check_client(RD_KAFKA_PRODUCER, config, defaults(), required(config, options));
}

rd_kafka_topic_t* ProducerSession::open_topic(std::string_view channel) {
  Topic topic{rd_kafka_topic_new(client_.get(), (topic_prefix_ + std::string(channel)).c_str(), nullptr)};
  if (!topic) return nullptr;
  return topics_.emplace_back(std::move(topic)).get();
}

rd_kafka_resp_err_t ProducerSession::produce(ProducerRecord& send, rd_kafka_topic_t* topic) {
  return send.produce(client_.get(), topic);
}

void ProducerSession::flush(milliseconds within) { rd_kafka_flush(client_.get(), static_cast<int>(within.count())); }

void ProducerSession::poll(milliseconds within, std::vector<SendReport>& reports) {
  const KafkaEvent event{rd_kafka_queue_poll(events_.get(), static_cast<int>(within.count()))};
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_DR:
      take_reports(event.get(), reports);
      break;
    case RD_KAFKA_EVENT_ERROR:
      // fatal_error() reports fatal errors too.
      if (rd_kafka_event_error_is_fatal(event.get()) == 0 &&
          rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR__FATAL) {
        client_.on_error_event(event.get());
      }
      break;
    default:
      break;
  }
}

void ProducerSession::take_reports(rd_kafka_event_t* event, std::vector<SendReport>& reports) {
  reports.reserve(reports.size() + rd_kafka_event_message_count(event));
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    const bool failed = message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
    reports.push_back(
        {.send = static_cast<ProducerRecord*>(message->_private),
         .offset = message->offset,
         .partition = message->partition,
         .error = message->err,
         .possibly_stored = failed && rd_kafka_message_status(message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED});
  }
}

void ProducerSession::end_poll() { rd_kafka_queue_yield(events_.get()); }

rd_kafka_resp_err_t ProducerSession::fatal_error() const noexcept {
  return rd_kafka_fatal_error(client_.get(), nullptr, 0);
}

void ProducerSession::ask_back(bool everything) {
  // Do not wait for librdkafka's broker threads, which may hang.
  const int sent = everything ? RD_KAFKA_PURGE_F_INFLIGHT : 0;
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING | sent);
}

void ProducerSession::begin_destroy(std::shared_ptr<void> keep) {
  topics_.clear();
  events_.reset();
  client_.begin_destroy({}, std::move(keep));
}

TopicAnswer ProducerSession::ask_topic(const std::string& topic, milliseconds within) {
  const Topic handle{rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(client_.get(), 0, handle.get(), &raw, static_cast<int>(within.count()));
  const Metadata metadata{raw};
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return {.error = error};
  if (metadata->topic_cnt == 0) return {.answered = true};
  return {.answered = true, .error = metadata->topics[0].err, .partitions = metadata->topics[0].partition_cnt};
}

void ProducerSession::wait_until_connected(milliseconds within) {
  client_.wait_until_connected(within, bootstrap_servers_);
}

bool ProducerSession::fail(rd_kafka_resp_err_t error) {
  return rd_kafka_test_fatal_error(client_.get(), error, "a test") == RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace conveyor::kafka
