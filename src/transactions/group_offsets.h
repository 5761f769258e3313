#ifndef CONVEYOR_SRC_TRANSACTIONS_GROUP_OFFSETS_H_
#define CONVEYOR_SRC_TRANSACTIONS_GROUP_OFFSETS_H_

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "consume/partition.h"
#include "kafka/consumer_client.h"

namespace conveyor::worker {

/// What a transaction needs of the group whose offsets it commits, and of the member that reads for it.
///
/// Thread safety: one thread, which is not the member's.
class GroupOffsets {
 public:
  virtual ~GroupOffsets() = default;

  /// The group metadata that offsets are committed with; none: the member has left its group.
  [[nodiscard]] virtual kafka::GroupMetadata metadata() const = 0;
  /// As kafka::PartitionQuestions::committed().
  [[nodiscard]] virtual std::vector<kafka::OffsetToCommit> committed(std::span<const kafka::TopicPartition> partitions,
                                                                     std::chrono::milliseconds within) const = 0;
  /// The most commit metadata that the brokers accept, in bytes.
  [[nodiscard]] virtual std::size_t largest_metadata() const = 0;
  /// The brokers refused that much metadata.
  virtual void shorten_metadata() = 0;
  /// The group has no offset of the partition any more, although it had one: the member's thread must check its log.
  virtual void dropped(Partition& partition) = 0;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_GROUP_OFFSETS_H_
