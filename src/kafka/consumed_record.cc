#include "kafka/consumed_record.h"

#include <mutex>
#include <string>

namespace conveyor {
namespace kafka {

struct ConsumedRecord::Made : rd_kafka_message_t {
  Made() : rd_kafka_message_t{} {}

  std::string key_bytes = {};
  std::string value = {};
  std::chrono::system_clock::time_point timestamp = {};
  conveyor::Headers headers = {};
};

void ConsumedRecord::free_made(rd_kafka_message_t* message) noexcept { delete static_cast<Made*>(message); }

const ConsumedRecord::Made* ConsumedRecord::made_record() const noexcept {
  return message_->_private == &made ? static_cast<const Made*>(message_.get()) : nullptr;
}

ConsumedRecord ConsumedRecord::made_from(const Record& record, std::optional<std::string_view> value) {
  auto made_here = std::make_unique<Made>();
  made_here->key_bytes = record.key.value_or("");
  made_here->value = value.value_or("");
  made_here->timestamp = record.timestamp;
  made_here->headers = record.headers;
  made_here->partition = record.partition;
  made_here->offset = record.offset;
  made_here->key = record.key ? made_here->key_bytes.data() : nullptr;
  made_here->key_len = made_here->key_bytes.size();
  made_here->payload = value ? made_here->value.data() : nullptr;
  made_here->len = made_here->value.size();
  made_here->_private = const_cast<char*>(&made);
  ConsumedRecord received;
  received.message_.reset(made_here.release());
  return received;
}

ConsumedRecord ConsumedRecord::made_from(rd_kafka_resp_err_t error, std::int32_t partition, std::int64_t offset,
                                         std::string_view text) {
  const bool says = !text.empty();
  ConsumedRecord received =
      made_from({.partition = partition, .offset = offset}, says ? std::optional(text) : std::nullopt);
  received.message_->err = error;
  return received;
}

void ConsumedRecord::fill_record(std::string_view topic, Record& record) const {
  record.topic = topic;
  record.partition = message_->partition;
  record.offset = message_->offset;
  if (const auto bytes = key(); bytes && record.key) {
    record.key->assign(*bytes);  // whose memory serves again
  } else {
    record.key = bytes;
  }
  record.error.clear();
  record.error_text.clear();
  if (const Made* const made_here = made_record(); made_here != nullptr) {
    record.timestamp = made_here->timestamp;
    record.headers = made_here->headers;
    return;
  }
  rd_kafka_timestamp_type_t type{};
  const std::int64_t timestamp = rd_kafka_message_timestamp(message_.get(), &type);
  record.timestamp = std::chrono::system_clock::time_point(
      std::chrono::milliseconds(type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : timestamp));
  record.headers.read_later(message_.get());
}

}  // namespace kafka

namespace {

// Several threads may access one message. That two of them read its headers for the first time, at the same time, is
// rare.
constinit std::mutex reading;

}  // namespace

void Headers::read() const {
  const std::lock_guard lock{reading};
  const auto* message = static_cast<const rd_kafka_message_t*>(unread_.load(std::memory_order_relaxed));
  if (message == nullptr) return;

  // Reuse the memory of the record before: records of one topic mostly have the same headers.
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
