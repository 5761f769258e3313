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

/// What a client says of one send that it had accepted.
struct SendReport {
  ProducerRecord* send = nullptr;
  std::int64_t offset = -1;
  std::int32_t partition = -1;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  bool possibly_stored = false;  ///< with an error: a broker may have stored the record nevertheless
};

/// What the brokers say of a topic.
struct TopicAnswer {
  bool answered = false;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;  ///< why there is no answer, or the topic's own error
  std::int32_t partitions = 0;
};

/// One Kafka client that produces, from its beginning until it is destroyed. It reports exactly once about each send it
/// accepted, unless it hangs; once it has failed for good it refuses all sends, and another takes its place.
///
/// produce(), flush(), end_poll() and the questions to brokers come from any thread; open_topic() from one at a time;
/// everything else from the thread that takes the reports. Nothing but open_topic(), poll() and the two waits that say
/// so may wait. Only the questions to brokers throw.
class ProducerHandle {
 public:
  ProducerHandle() = default;
  virtual ~ProducerHandle() = default;
  ProducerHandle(const ProducerHandle&) = delete;
  ProducerHandle& operator=(const ProducerHandle&) = delete;

  /// @param channel the topic without Config::topic_prefix @return null when the name is not legal; else it lives until
  /// begin_destroy()
  [[nodiscard]] virtual rd_kafka_topic_t* open_topic(std::string_view channel) = 0;
  /// As ProducerRecord::produce(): once accepted, the send may be reported, and deleted, before this returns.
  [[nodiscard]] virtual rd_kafka_resp_err_t produce(ProducerRecord& send, rd_kafka_topic_t* topic) = 0;
  /// Sends without lingering until all is reported and taken, or `within` has passed.
  virtual void flush(std::chrono::milliseconds within) = 0;

  /// Waits for reports and adds them; none when end_poll() was called, or something else happened.
  virtual void poll(std::chrono::milliseconds within, std::vector<SendReport>& reports) = 0;
  virtual void end_poll() = 0;
  /// The error after which it refuses all sends, or none.
  [[nodiscard]] virtual rd_kafka_resp_err_t fatal_error() const noexcept = 0;
  /// Tells the observer of that error. @return its text
  [[nodiscard]] virtual std::string report_fatal() = 0;
  /// Asks for a report at once about what has not been sent to a broker, or about everything.
  virtual void ask_back(bool everything) = 0;

  /// No call but the next two comes after it. @param keep lives until the client is gone: it may still read it
  virtual void begin_destroy(std::shared_ptr<void> keep) = 0;
  [[nodiscard]] virtual bool is_gone() = 0;
  /// Waits. @return false when it was not gone within the time; it is then left alone
  virtual bool wait_until_gone(std::chrono::milliseconds within) = 0;

  /// Asks the brokers. @param topic with Config::topic_prefix
  [[nodiscard]] virtual TopicAnswer ask_topic(const std::string& topic, std::chrono::milliseconds within) = 0;
  /// Returns once a broker answers. @throws Error with errc::broker_unreachable or errc::not_authorized
  virtual void wait_until_connected(std::chrono::milliseconds within) = 0;
  /// For tests: it fails as if it had met this error. @return false when it has failed already
  virtual bool fail(rd_kafka_resp_err_t error) = 0;
};

/// Makes the next client. @throws whatever stands against it
using MakeProducerHandle = std::function<std::unique_ptr<ProducerHandle>()>;

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PRODUCER_HANDLE_H_
