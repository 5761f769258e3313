#ifndef CONVEYOR_SRC_KAFKA_PRODUCER_HANDLE_H_
#define CONVEYOR_SRC_KAFKA_PRODUCER_HANDLE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/handle.h"
#include "kafka/producer_record.h"

namespace conveyor::kafka {

/// A client's delivery report about one send that it had accepted.
struct SendReport {
  ProducerRecord* send = nullptr;
  std::int64_t offset = -1;
  std::int32_t partition = -1;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  bool possibly_stored = false;  ///< with an error: a broker may have stored the record nevertheless
};

/// What the brokers answer about a topic.
struct TopicAnswer {
  bool answered = false;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;  ///< why there is no answer, or the topic's own error
  std::int32_t partitions = 0;
};

/// One Kafka client that produces, from its creation to its destruction. It reports exactly once about each send that
/// it accepted, unless it hangs. After a fatal error it refuses all sends, and another client takes its place.
///
/// Thread safety: produce(), flush(), end_poll() and the questions to brokers may be called from any thread;
/// open_topic() from one thread at a time; everything else from the delivery thread. Only open_topic(), poll() and the
/// functions that say so may wait. Only the questions to brokers throw.
class ProducerHandle {
 public:
  ProducerHandle() = default;
  virtual ~ProducerHandle() = default;
  ProducerHandle(const ProducerHandle&) = delete;
  ProducerHandle& operator=(const ProducerHandle&) = delete;

  /// @param channel the topic without Config::topic_prefix
  /// @return null when the name is not legal; otherwise valid until begin_destroy()
  [[nodiscard]] virtual rd_kafka_topic_t* open_topic(std::string_view channel) = 0;
  /// As ProducerRecord::produce(): once accepted, the send may be reported and deleted before this returns.
  [[nodiscard]] virtual rd_kafka_resp_err_t produce(ProducerRecord& send, rd_kafka_topic_t* topic) = 0;
  /// Sends at once, without waiting to fill batches, until everything is reported and the reports are taken, or for
  /// `within`.
  virtual void flush(std::chrono::milliseconds within) = 0;

  /// Waits for reports and appends them. Appends none when end_poll() was called or another event arrived.
  virtual void poll(std::chrono::milliseconds within, std::vector<SendReport>& reports) = 0;
  virtual void end_poll() = 0;
  /// The fatal error after which the client refuses all sends, or none.
  [[nodiscard]] virtual rd_kafka_resp_err_t fatal_error() const noexcept = 0;
  /// Reports the fatal error to the observer. @return its text
  [[nodiscard]] virtual std::string report_fatal() = 0;
  /// Makes the client report at once about the sends that no broker got, or about all sends.
  virtual void ask_back(bool everything) = 0;

  /// Begins the destruction; afterwards only the next two functions may be called. @param keep lives until the client
  /// is destroyed, because the client may still read it
  virtual void begin_destroy(std::shared_ptr<void> keep) = 0;
  [[nodiscard]] virtual bool is_gone() = 0;
  /// Waits. @return false when the client was not destroyed within the time; its thread then continues alone
  virtual bool wait_until_gone(std::chrono::milliseconds within) = 0;

  /// Asks the brokers about a topic. @param topic with Config::topic_prefix
  [[nodiscard]] virtual TopicAnswer ask_topic(const std::string& topic, std::chrono::milliseconds within) = 0;
  /// Returns once a broker answers. @throws Error with errc::broker_unreachable or errc::not_authorized
  virtual void wait_until_connected(std::chrono::milliseconds within) = 0;
  /// For tests: makes the client fail with this fatal error. @return false when it has already failed
  virtual bool fail(rd_kafka_resp_err_t error) = 0;
};

/// Creates the next client. @throws any exception when that fails
using MakeProducerHandle = std::function<std::unique_ptr<ProducerHandle>()>;

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PRODUCER_HANDLE_H_
