#ifndef CONVEYOR_SRC_KAFKA_PARTITION_QUEUE_H_
#define CONVEYOR_SRC_KAFKA_PARTITION_QUEUE_H_

#include <array>
#include <cstddef>

#include "kafka/record_queue.h"

namespace conveyor::kafka {

/// The librdkafka queue of one partition. It takes several records at a time, because fetching one record alone costs a
/// good part of what handling a small record costs. The records are in the client's memory in any case. The number
/// taken ahead is also bounded by their size, because they no longer count against librdkafka's own limits.
class PartitionQueue final : public RecordQueue {
 public:
  static constexpr std::size_t kMostRecords = 64;

  /// @param most the most records that one call takes; see most_at_once()
  explicit PartitionQueue(Queue queue, std::size_t most = kMostRecords) : queue_(std::move(queue)), most_(most) {}
  ~PartitionQueue() override;
  PartitionQueue(const PartitionQueue&) = delete;
  PartitionQueue& operator=(const PartitionQueue&) = delete;

  [[nodiscard]] ConsumedRecord next() override;
  [[nodiscard]] bool empty() const noexcept override { return next_ == count_; }
  void clear() noexcept override;

  /// How many records may be taken at once. Each step of a cooperative rebalance pauses and resumes the partitions that
  /// a member keeps; librdkafka before 2.1 then discards the records that a call has taken so far, and reads on after
  /// them. An eager rebalance assigns every partition again, so that reading starts at the committed offset.
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
  std::size_t at_once_ = 1;  // how many records of the recent size make up kMostBytes
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PARTITION_QUEUE_H_
