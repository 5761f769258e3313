#ifndef CONVEYOR_SRC_KAFKA_CONSUMED_RECORD_H_
#define CONVEYOR_SRC_KAFKA_CONSUMED_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "conveyor/export.h"
#include "conveyor/message.h"
#include "kafka/handle.h"

namespace conveyor::kafka {

/// A consumed record, not yet decoded. It must be destroyed before its client. The command uses it, so it is exported.
class CONVEYOR_EXPORT ConsumedRecord {
 public:
  ConsumedRecord() = default;
  explicit ConsumedRecord(KafkaMessage message) : message_(message.release()) {}
  /// A record that no client has read, for tests and simulations.
  [[nodiscard]] static ConsumedRecord made_from(const Record& record, std::optional<std::string_view> value);
  /// An error or the end of a partition, as they arrive among the records. @param text what happened; may be empty
  [[nodiscard]] static ConsumedRecord made_from(rd_kafka_resp_err_t error, std::int32_t partition, std::int64_t offset,
                                                std::string_view text = {});

  [[nodiscard]] explicit operator bool() const noexcept { return message_ != nullptr; }
  [[nodiscard]] rd_kafka_resp_err_t error() const noexcept { return message_->err; }
  [[nodiscard]] std::string_view error_text() const noexcept { return rd_kafka_message_errstr(message_.get()); }

  [[nodiscard]] std::int64_t offset() const noexcept { return message_->offset; }
  [[nodiscard]] std::int32_t partition() const noexcept { return message_->partition; }
  /// Of a record that a client has read.
  [[nodiscard]] std::string_view topic() const noexcept { return rd_kafka_topic_name(message_->rkt); }
  /// Milliseconds since 1970, of a record that a client has read; -1: it has none.
  [[nodiscard]] std::int64_t timestamp_ms() const noexcept {
    rd_kafka_timestamp_type_t type{};
    return rd_kafka_message_timestamp(message_.get(), &type);
  }
  [[nodiscard]] bool is_tombstone() const noexcept { return message_->payload == nullptr; }
  [[nodiscard]] std::string_view value() const noexcept {
    return {static_cast<const char*>(message_->payload), message_->len};
  }
  [[nodiscard]] std::optional<std::string_view> key() const noexcept {
    if (message_->key == nullptr) return {};
    return std::string_view(static_cast<const char*>(message_->key), message_->key_len);
  }
  /// Size of key and value.
  [[nodiscard]] std::size_t bytes() const noexcept { return message_->len + message_->key_len; }

  /// Fills everything but the value. The headers are parsed at the first access; this object must live until then.
  /// @param topic lives as long as the process
  void fill_record(std::string_view topic, Record& record) const;

 private:
  struct Made;
  struct Free {
    void operator()(rd_kafka_message_t* message) const noexcept {
      if (message->_private == &made) return free_made(message);
      rd_kafka_message_destroy(message);
    }
  };
  static void free_made(rd_kafka_message_t* message) noexcept;
  [[nodiscard]] const Made* made_record() const noexcept;

  static constexpr char made = 0;  // its address marks records that no client has read

  std::unique_ptr<rd_kafka_message_t, Free> message_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_CONSUMED_RECORD_H_
