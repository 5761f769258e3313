#include "kafka/partition_queue.h"

#include <algorithm>

#include "kafka/queue_wakeup.h"

namespace conveyor::kafka {

PartitionQueue::~PartitionQueue() {
  clear();
  release(queue_);
}

ConsumedRecord PartitionQueue::next() {
  if (empty()) {
    const auto read = rd_kafka_consume_batch_queue(queue_.get(), 0, records_.data(), at_once_);
    next_ = 0;
    count_ = static_cast<std::size_t>(std::max<ssize_t>(read, 0));
    if (count_ == 0) return {};
    std::size_t largest = 1;
    for (std::size_t i = 0; i < count_; ++i) largest = std::max(largest, records_[i]->len + records_[i]->key_len);
    at_once_ = std::clamp<std::size_t>(kMostBytes / largest, 1, most_);
  }
  return ConsumedRecord{KafkaMessage{records_[next_++]}};
}

void PartitionQueue::clear() noexcept {
  while (!empty()) rd_kafka_message_destroy(records_[next_++]);
}

}  // namespace conveyor::kafka
