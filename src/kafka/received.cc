#include "kafka/received.h"

namespace conveyor::kafka {

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

  // Into what the record before left: records of one topic mostly have the same headers, whose memory serves again.
  std::size_t count = 0;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message_.get(), &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    while (rd_kafka_header_get_all(headers, count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (count == record.headers.size()) record.headers.emplace_back();
      Header& header = record.headers[count++];
      header.name = name;
      header.value.assign(static_cast<const char*>(value), value != nullptr ? size : 0);
    }
  }
  record.headers.resize(count);
}

}  // namespace conveyor::kafka
