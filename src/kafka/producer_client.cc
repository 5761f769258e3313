#include "kafka/producer_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "kafka/errors.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

// What a dead letter may have above what its record had: our headers. The registry enforces Config::max_record_bytes
// itself, so the client's own limit only has to be above what brokers take.
constexpr std::size_t kRecordOverhead = std::size_t{64} << 10;
constexpr std::size_t kLargestOfBrokers = 1'048'588;  // message.max.bytes, unless raised
constexpr milliseconds kLongest = std::chrono::hours(24 * 365);
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

}  // namespace

ProducerClient::ProducerClient(const Config& config, const ProducerOptions& options)
    : bootstrap_servers_(config.bootstrap_servers),
      topic_prefix_(config.topic_prefix),
      max_record_bytes_(config.max_record_bytes),
      options_(options),
      client_(RD_KAFKA_PRODUCER, config, defaults(), required(config, options),
              RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR),
      events_(rd_kafka_queue_get_main(client_.get())),
      server_([this] { serve(); }) {}

ProducerClient::~ProducerClient() { close(); }

rd_kafka_topic_t* ProducerClient::topic_handle(std::string_view topic) {
  {
    const std::shared_lock lock{topics_mutex_};
    if (const auto found = topics_.find(topic); found != topics_.end()) return found->second.get();
  }
  const std::unique_lock lock{topics_mutex_};
  Topic& handle = topics_[std::string(topic)];
  if (!handle) handle.reset(rd_kafka_topic_new(client_.get(), (topic_prefix_ + std::string(topic)).c_str(), nullptr));
  return handle.get();
}

bool ProducerClient::has_room(std::size_t bytes) const noexcept {
  if (counters_.in_flight == 0) return true;  // one send always fits, however large
  return counters_.in_flight < options_.max_queued_messages &&
         counters_.in_flight_bytes + bytes <= options_.max_queued_bytes;
}

Refusal ProducerClient::full() const {
  return {errc::queue_full,
          fmt::format("the producer's queue is full ({} messages, {} bytes wait for acknowledgement); raise "
                      "ProducerOptions::max_queued_messages = {} or max_queued_bytes = {}, wait longer (block_for), or "
                      "look why the brokers are slow",
                      counters_.in_flight, counters_.in_flight_bytes, options_.max_queued_messages,
                      options_.max_queued_bytes)};
}

std::optional<Refusal> ProducerClient::wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t bytes) {
  if (has_room(bytes)) return {};
  // The thread that makes room must not wait for it.
  const bool may_wait = options_.when_full == WhenFull::kBlock && std::this_thread::get_id() != server_.get_id();
  if (!may_wait) return full();
  const bool room = changed_.wait_for(lock, options_.block_for, [&] { return has_room(bytes) || !fatal_.empty(); });
  if (!room) return full();
  return {};
}

void ProducerClient::link(PendingSend* send) {
  send->sequence = ++last_sequence_;
  send->previous = newest_;
  (newest_ != nullptr ? newest_->next : oldest_) = send;
  newest_ = send;
  ++counters_.in_flight;
  counters_.in_flight_bytes += send->key_and_value_bytes();
}

void ProducerClient::unlink(PendingSend* send) noexcept {
  (send->previous != nullptr ? send->previous->next : oldest_) = send->next;
  (send->next != nullptr ? send->next->previous : newest_) = send->previous;
  --counters_.in_flight;
  counters_.in_flight_bytes -= send->key_and_value_bytes();
}

std::optional<Refusal> ProducerClient::submit(PendingSend::Ptr send, std::size_t message_bytes) {
  rd_kafka_topic_t* topic = topic_handle(send->topic());
  if (topic == nullptr) {
    return Refusal{errc::invalid_topic, fmt::format("{}{} is not a legal topic name", topic_prefix_, send->topic())};
  }

  const auto deadline = Clock::now() + options_.block_for;
  std::unique_lock lock{mutex_};
  while (true) {
    if (auto refusal = wait_for_room(lock, send->key_and_value_bytes())) return refusal;
    if (!fatal_.empty()) return Refusal{errc::fatal, fatal_};
    link(send.get());
    ++counters_.accepted;
    counters_.message_bytes += message_bytes;
    counters_.record_bytes += send->record_bytes();
    lock.unlock();

    // From here the delivery report may already have deleted it, unless the client refuses.
    PendingSend* raw = send.release();
    const rd_kafka_resp_err_t code = raw->produce(client_.get(), topic);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};

    send.reset(raw);
    lock.lock();
    unlink(raw);
    --counters_.accepted;
    counters_.message_bytes -= message_bytes;
    counters_.record_bytes -= send->record_bytes();
    changed_.notify_all();
    // Its queue also counts what has been reported but not yet taken by our thread.
    const bool wait = code == RD_KAFKA_RESP_ERR__QUEUE_FULL && options_.when_full == WhenFull::kBlock &&
                      std::this_thread::get_id() != server_.get_id() && Clock::now() < deadline;
    if (!wait) return refused_by_client(code, *send);
    changed_.wait_for(lock, milliseconds(10));
  }
}

Refusal ProducerClient::refused_by_client(rd_kafka_resp_err_t error, const PendingSend& send) const {
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return full();
  return {errc_of(error, errc::delivery_failed), describe(error, send.topic())};
}

std::string ProducerClient::describe(rd_kafka_resp_err_t error, std::string_view topic) const {
  std::string text =
      fmt::format("channel {}{} on {}: {}", topic_prefix_, topic, bootstrap_servers_, rd_kafka_err2str(error));
  switch (errc_of(error, errc::delivery_failed)) {
    case errc::unknown_topic:
      return text + "; create the topic, or check the channel's name and Config::topic_prefix";
    case errc::unknown_partition:
      return text + "; the topic has fewer partitions";
    case errc::message_too_large:
      return text + fmt::format("; raise the topic's max.message.bytes to Config::max_record_bytes = {} or above",
                                max_record_bytes_);
    case errc::timed_out:
      return text + fmt::format("; no acknowledgement within ProducerOptions::delivery_timeout = {} ms{}{}",
                                options_.delivery_timeout.count(),
                                client_.reporter().last_complaint().empty() ? "" : "; last complaint of the client: ",
                                client_.reporter().last_complaint());
    default:
      return text;
  }
}

void ProducerClient::note_refused(bool dropped) noexcept {
  const std::lock_guard lock{mutex_};
  ++counters_.refused;
  if (dropped) ++counters_.dropped;
}

void ProducerClient::serve() {
  while (!stopping_.load(std::memory_order_acquire)) {
    const KafkaEvent event{rd_kafka_queue_poll(events_.get(), 100)};
    if (!event) continue;
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_DR:
        on_delivery_reports(event.get());
        break;
      case RD_KAFKA_EVENT_ERROR:
        if (client_.on_error_event(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
          {
            const std::lock_guard lock{mutex_};
            fatal_ = client_.reporter().last_complaint();
          }
          changed_.notify_all();
          rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        }
        break;
      default:
        break;
    }
  }
}

void ProducerClient::settle(PendingSend& send, const Delivery& delivery) noexcept {
  if (delivery.error) {
    reporter().event({.kind = Event::Kind::kDeliveryFailed,
                      .topic = delivery.topic,
                      .partition = delivery.partition,
                      .error = delivery.error,
                      .text = delivery.error_text});
  }
  try {
    send.resolve(delivery);
  } catch (const std::exception& error) {
    reporter().log(Severity::kError, "conveyor", error.what());
  } catch (...) {
    reporter().log(Severity::kError, "conveyor", "a delivery callback threw");
  }
}

void ProducerClient::on_delivery_reports(rd_kafka_event_t* event) {
  struct Report {
    PendingSend::Ptr send;
    Delivery delivery;
    std::string error_text;
  };
  std::vector<Report> batch;
  batch.reserve(rd_kafka_event_message_count(event));
  std::uint64_t failed = 0;
  std::size_t first_failure = 0;
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    Report& report = batch.emplace_back();
    report.send.reset(static_cast<PendingSend*>(message->_private));
    report.delivery = {.topic = report.send->topic(), .partition = message->partition, .offset = message->offset};
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      report.error_text = describe(message->err, report.send->topic());
      report.delivery.error = errc_of(message->err, errc::delivery_failed);
      report.delivery.error_text = report.error_text;
      report.delivery.offset = -1;
      if (++failed == 1) first_failure = batch.size() - 1;
    }
  }
  if (failed != 0) {
    reporter().log(Severity::kError, "conveyor",
                   fmt::format("{} sends failed; the first: {}", failed, batch[first_failure].error_text));
  }
  // Callbacks come before the counts, so that flush() returns after them.
  for (const auto& report : batch) settle(*report.send, report.delivery);
  {
    const std::lock_guard lock{mutex_};
    for (const auto& report : batch) unlink(report.send.get());
    counters_.failed += failed;
    counters_.delivered += batch.size() - failed;
  }
  changed_.notify_all();
}

bool ProducerClient::wait_resolved(std::uint64_t sequence, Clock::time_point deadline, bool hurry) {
  const auto resolved = [&] { return oldest_ == nullptr || oldest_->sequence > sequence; };
  std::unique_lock lock{mutex_};
  while (!resolved()) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    const auto slice = std::min(left, milliseconds(100));
    if (hurry) {
      lock.unlock();
      // Sends without lingering while it waits; our thread takes the reports.
      rd_kafka_flush(client_.get(), static_cast<int>(slice.count()));
      lock.lock();
    }
    changed_.wait_for(lock, hurry ? milliseconds(1) : slice, resolved);
  }
  return true;
}

FlushReport ProducerClient::flush(milliseconds within) {
  const auto now = Clock::now();
  std::uint64_t last = 0;
  {
    const std::lock_guard lock{mutex_};
    last = last_sequence_;
  }
  wait_resolved(last, now + std::min(within, kLongest), true);
  const std::lock_guard lock{mutex_};
  FlushReport report{.delivered = counters_.delivered - reported_.delivered,
                     .failed = counters_.failed - reported_.failed,
                     .left = counters_.in_flight};
  reported_ = {.delivered = counters_.delivered, .failed = counters_.failed};
  return report;
}

void ProducerClient::require_topic(const std::string& topic, std::string_view what, milliseconds within,
                                   const std::stop_token& stop) {
  const auto deadline = Clock::now() + std::min(within, kLongest);
  const Topic handle{rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr)};
  while (true) {
    const rd_kafka_metadata_t* raw = nullptr;
    auto error = rd_kafka_metadata(client_.get(), 0, handle.get(), &raw, 500);
    const Metadata metadata{raw};
    const bool answered = error == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (answered && metadata->topic_cnt > 0) {
      error = metadata->topics[0].err;
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topics[0].partition_cnt > 0) {
        const std::lock_guard lock{mutex_};
        partitions_[topic] = metadata->topics[0].partition_cnt;
        return;
      }
    }
    const errc code = errc_of(error, errc::retryable);
    if (stop.stop_requested()) throw Error(errc::stopped, "stopped while waiting for a topic");
    if (code == errc::not_authorized && answered) {
      throw Error(code, fmt::format("topic {} on {}: {}", topic, bootstrap_servers_, rd_kafka_err2str(error)));
    }
    if (Clock::now() >= deadline) {
      if (!answered) throw unreachable(reporter(), bootstrap_servers_, within);
      throw Error(errc::unknown_topic,
                  fmt::format("topic {} does not exist on {}: {}", topic, bootstrap_servers_, what));
    }
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, milliseconds(50), [&] { return stop.stop_requested(); });
  }
}

bool ProducerClient::partition_exists(std::string_view topic, std::int32_t partition) const {
  const std::lock_guard lock{mutex_};
  const auto found = partitions_.find(topic_prefix_ + std::string(topic));
  return found != partitions_.end() && partition < found->second;
}

void ProducerClient::wait_until_connected(milliseconds within) {
  client_.wait_until_connected(within, bootstrap_servers_);
}

ProducerCounters ProducerClient::counters() const noexcept {
  const std::lock_guard lock{mutex_};
  return counters_;
}

void ProducerClient::close() {
  const auto all = std::numeric_limits<std::uint64_t>::max();
  if (!wait_resolved(all, Clock::now() + options_.close_within, true)) {
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    wait_resolved(all, Clock::now() + milliseconds(2'000), false);
  }
  stopping_.store(true, std::memory_order_release);
  rd_kafka_queue_yield(events_.get());
  server_.join();

  // What librdkafka never reported. A hung handle may still read the bytes: they go with it.
  auto abandoned = std::make_shared<std::vector<PendingSend::Ptr>>();
  for (PendingSend* send = oldest_; send != nullptr;) {
    PendingSend* next = send->next;
    unlink(send);
    ++counters_.failed;
    abandoned->emplace_back(send);
    send = next;
  }
  for (const auto& send : *abandoned) {
    settle(*send, {.error = errc::possibly_delivered,
                   .error_text = "the producer was closed before the broker answered",
                   .topic = send->topic()});
  }
  topics_.clear();
  events_.reset();
  client_.begin_destroy({}, abandoned);
  client_.wait_until_gone(milliseconds(5'000));
}

}  // namespace conveyor::kafka
