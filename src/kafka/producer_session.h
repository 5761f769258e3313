#ifndef CONVEYOR_SRC_KAFKA_PRODUCER_SESSION_H_
#define CONVEYOR_SRC_KAFKA_PRODUCER_SESSION_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/producer.h"
#include "kafka/client.h"
#include "kafka/producer_handle.h"

namespace conveyor::kafka {

/// One librdkafka producer: its handle, the queue of its delivery reports, its topics.
class ProducerSession final : public ProducerHandle {
 public:
  /// @throws Error with errc::unknown_property or errc::invalid_config
  ProducerSession(const Config& config, const ProducerOptions& options, std::shared_ptr<Reporter> reporter);
  /// Throws what the constructor would throw, but makes no connection.
  static void check(const Config& config, const ProducerOptions& options);

  rd_kafka_topic_t* open_topic(std::string_view channel) override;
  rd_kafka_resp_err_t produce(ProducerRecord& send, rd_kafka_topic_t* topic) override;
  void flush(std::chrono::milliseconds within) override;

  void poll(std::chrono::milliseconds within, std::vector<SendReport>& reports) override;
  void end_poll() override;
  rd_kafka_resp_err_t fatal_error() const noexcept override;
  std::string report_fatal() override { return client_.report_fatal(); }
  void ask_back(bool everything) override;

  void begin_destroy(std::shared_ptr<void> keep) override;
  bool is_gone() override { return client_.get() == nullptr && client_.is_gone(); }
  bool wait_until_gone(std::chrono::milliseconds within) override { return client_.wait_until_gone(within); }

  TopicAnswer ask_topic(const std::string& topic, std::chrono::milliseconds within) override;
  void wait_until_connected(std::chrono::milliseconds within) override;
  bool fail(rd_kafka_resp_err_t error) override;

  /// For tests that check its properties.
  [[nodiscard]] rd_kafka_t* handle() const noexcept { return client_.get(); }

 private:
  static void take_reports(rd_kafka_event_t* event, std::vector<SendReport>& reports);

  const std::string topic_prefix_;
  const std::string bootstrap_servers_;
  Client client_;
  Queue events_;
  std::vector<Topic> topics_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PRODUCER_SESSION_H_
