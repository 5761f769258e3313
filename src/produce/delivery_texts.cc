#include "produce/delivery_texts.h"

#include <fmt/format.h>

#include <utility>

#include "kafka/errors.h"

namespace conveyor::kafka {

DeliveryTexts::DeliveryTexts(const Config& config, const ProducerOptions& options,
                             std::shared_ptr<const Reporter> reporter)
    : topic_prefix_(config.topic_prefix),
      bootstrap_servers_(config.bootstrap_servers),
      max_record_bytes_(config.max_record_bytes),
      options_(options),
      reporter_(std::move(reporter)) {}

Refusal DeliveryTexts::queue_full(const ProducerCounters& counters) const {
  return {errc::queue_full,
          fmt::format(
              "the producer's queue is full ({} messages, {} bytes wait for acknowledgement); raise "
              "ProducerOptions::max_queued_messages = {} or max_queued_bytes = {}, wait longer (block_timeout), or "
              "find out why the brokers are slow",
              counters.in_flight, counters.in_flight_bytes, options_.max_queued_messages, options_.max_queued_bytes)};
}

Refusal DeliveryTexts::illegal_topic(std::string_view topic) const {
  return {errc::invalid_topic, fmt::format("{}{} is not a legal topic name", topic_prefix_, topic)};
}

Refusal DeliveryTexts::refused(rd_kafka_resp_err_t error, std::string_view topic) const {
  return {errc_of(error, errc::delivery_failed), of_error(error, topic)};
}

std::string DeliveryTexts::place(std::string_view topic) const {
  return fmt::format("channel {}{} on {}", topic_prefix_, topic, bootstrap_servers_);
}

std::string DeliveryTexts::of_error(rd_kafka_resp_err_t error, std::string_view topic) const {
  std::string text = fmt::format("{}: {}", place(topic), rd_kafka_err2str(error));
  switch (errc_of(error, errc::delivery_failed)) {
    case errc::unknown_topic:
      return text + "; create the topic, or check the channel's name and Config::topic_prefix";
    case errc::unknown_partition:
      return text + "; the topic has fewer partitions: check SendOptions::partition, or add partitions";
    case errc::message_too_large:
      return text + fmt::format("; raise the topic's max.message.bytes to Config::max_record_bytes = {} or above",
                                max_record_bytes_);
    case errc::timed_out: {
      const std::string error_text = reporter_->last_error_text();
      return text + fmt::format("; no acknowledgement within ProducerOptions::delivery_timeout = {} ms{}{}",
                                options_.delivery_timeout.count(),
                                error_text.empty() ? "" : "; the client's last error: ", error_text);
    }
    default:
      return text;
  }
}

std::string DeliveryTexts::of_fate(Fate fate, std::string_view topic, std::string_view failure, bool closing) const {
  switch (fate) {
    case Fate::kTimedOut:
      return of_error(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, topic);
    case Fate::kClientFailed:
      return fmt::format("{}: {}", place(topic), failure);
    case Fate::kStopped:
      return fmt::format(
          "{}: the producer was closed before the record was sent; raise ProducerOptions::close_timeout = {} ms",
          place(topic), options_.close_timeout.count());
    default:
      return fmt::format(
          "{}: the broker may have stored the record, but the producer {}", place(topic),
          closing ? "was closed before it answered"
                  : fmt::format("recreated its Kafka client before it answered (ProducerOptions::resend = {})",
                                options_.resend));
  }
}

errc errc_of(Fate fate) noexcept {
  switch (fate) {
    case Fate::kTimedOut:
      return errc::timed_out;
    case Fate::kClientFailed:
      return errc::fatal;
    case Fate::kStopped:
      return errc::stopped;
    default:
      return errc::possibly_delivered;
  }
}

}  // namespace conveyor::kafka
