#include "kafka/received.h"

#include <mutex>

namespace conveyor {
namespace kafka {

void Received::describe(std::string_view topic, Record& record) const {
  record.topic = topic;
  record.partition = message_->partition;
  record.offset = message_->offset;
  rd_kafka_timestamp_type_t type{};
  const std::int64_t timestamp = rd_kafka_message_timestamp(message_.get(), &type);
  record.timestamp = std::chrono::system_clock::time_point(
      std::chrono::milliseconds(type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : timestamp));
  record.has_key = message_->key != nullptr;
  record.key.assign(static_cast<const char*>(message_->key), message_->key_len);
  record.error.clear();
  record.error_text.clear();

  record.headers.read_later(message_.get());
}

}  // namespace kafka

namespace {

// Several threads may look at one message; that they do it for the first time, and at the same time, is rare.
constinit std::mutex reading;

}  // namespace

void Headers::read() const {
  const std::lock_guard lock{reading};
  const auto* message = static_cast<const rd_kafka_message_t*>(unread_.load(std::memory_order_relaxed));
  if (message == nullptr) return;

  // Into what the record before left: records of one topic mostly have the same headers, whose memory serves again.
  std::size_t count = 0;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    while (rd_kafka_header_get_all(headers, count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (count == headers_.size()) headers_.emplace_back();
      Header& header = headers_[count++];
      header.name = name;
      header.value.assign(static_cast<const char*>(value), value != nullptr ? size : 0);
      header.is_null = value == nullptr;
    }
  }
  headers_.resize(count);
  unread_.store(nullptr, std::memory_order_release);
}

}  // namespace conveyor
