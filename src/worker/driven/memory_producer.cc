#include "worker/driven/memory_producer.h"

namespace conveyor::worker {

rd_kafka_resp_err_t MemoryProducer::produce(kafka::ProducerRecord& send, rd_kafka_topic_t*) {
  auto contents = send.contents();
  const auto [partition, offset] =
      cluster_.store(topic_prefix_ + std::string(send.topic()), std::move(contents.record), contents.value);
  reports_.push_back({.send = &send, .offset = offset, .partition = partition});
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void MemoryProducer::poll(std::chrono::milliseconds, std::vector<kafka::SendReport>& reports) {
  reports.insert(reports.end(), reports_.begin(), reports_.end());
  reports_.clear();
}

}  // namespace conveyor::worker
