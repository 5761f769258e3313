#ifndef CONVEYOR_SRC_KAFKA_PARTITION_QUEUE_H_
#define CONVEYOR_SRC_KAFKA_PARTITION_QUEUE_H_

#include <array>
#include <cstddef>

#include "kafka/record_queue.h"

namespace conveyor::kafka {

/// A partition's queue of librdkafka, whose records are taken several at a time: its work for one that is asked for
/// alone is a good part of what a small one costs. They were in the client's memory before; what is taken ahead is
/// bounded by their size too, as it no longer counts against what the client fetches.
class PartitionQueue final : public RecordQueue {
 public:
  static constexpr std::size_t kMostRecords = 64;

  /// @param most records that one call of the client's takes; see most_at_once()
  explicit PartitionQueue(Queue queue, std::size_t most = kMostRecords) : queue_(std::move(queue)), most_(most) {}
  ~PartitionQueue() override;
  PartitionQueue(const PartitionQueue&) = delete;
  PartitionQueue& operator=(const PartitionQueue&) = delete;

  [[nodiscard]] ConsumedRecord next() override;
  [[nodiscard]] bool empty() const noexcept override { return next_ == count_; }
  void clear() noexcept override;

  /// How many records may be taken at once. Each step of a cooperative rebalance pauses and resumes the partitions that
  /// a member keeps; before 2.1 librdkafka then destroys what a call has taken so far, and goes on behind it. An eager
  /// rebalance assigns every partition anew, which reads from the committed offset.
  [[nodiscard]] static constexpr std::size_t most_at_once(int librdkafka_version, bool cooperative) noexcept {
    constexpr int kFixedIn = 0x020100ff;  // https://github.com/confluentinc/librdkafka/pull/4208
    return cooperative && librdkafka_version < kFixedIn ? 1 : kMostRecords;
  }

 private:
  static constexpr std::size_t kMostBytes = std::size_t{256} << 10;

  Queue queue_;
  const std::size_t most_;
  std::array<rd_kafka_message_t*, kMostRecords> records_ = {};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::size_t at_once_ = 1;  // records of the size of the last ones that make kMostBytes
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PARTITION_QUEUE_H_
