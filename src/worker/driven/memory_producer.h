#ifndef CONVEYOR_SRC_WORKER_DRIVEN_MEMORY_PRODUCER_H_
#define CONVEYOR_SRC_WORKER_DRIVEN_MEMORY_PRODUCER_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/producer_handle.h"
#include "worker/driven/memory_cluster.h"

namespace conveyor::worker {

/// Stores the given records in a MemoryCluster, and reports their delivery at the next poll().
class MemoryProducer final : public kafka::ProducerHandle {
 public:
  /// @param topic_prefix Config::topic_prefix
  MemoryProducer(MemoryCluster& cluster, std::string topic_prefix)
      : cluster_(cluster), topic_prefix_(std::move(topic_prefix)) {}

  rd_kafka_topic_t* open_topic(std::string_view) override { return reinterpret_cast<rd_kafka_topic_t*>(this); }
  rd_kafka_resp_err_t produce(kafka::ProducerRecord& send, rd_kafka_topic_t*) override;
  void flush(std::chrono::milliseconds) override {}
  void poll(std::chrono::milliseconds, std::vector<kafka::SendReport>& reports) override;
  void end_poll() override {}
  [[nodiscard]] rd_kafka_resp_err_t fatal_error() const noexcept override { return RD_KAFKA_RESP_ERR_NO_ERROR; }
  std::string report_fatal() override { return {}; }
  void ask_back(bool) override {}
  void begin_destroy(std::shared_ptr<void>) override {}
  bool is_gone() override { return true; }
  bool wait_until_gone(std::chrono::milliseconds) override { return true; }
  [[nodiscard]] kafka::TopicAnswer ask_topic(const std::string&, std::chrono::milliseconds) override {
    return {.answered = true, .partitions = MemoryCluster::kPartitions};
  }
  void wait_until_connected(std::chrono::milliseconds) override {}
  bool fail(rd_kafka_resp_err_t) override { return false; }

 private:
  MemoryCluster& cluster_;
  const std::string topic_prefix_;
  std::vector<kafka::SendReport> reports_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_DRIVEN_MEMORY_PRODUCER_H_
