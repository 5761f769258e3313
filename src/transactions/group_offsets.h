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
/// Thread safety: one thread, another than the member's reading thread.
class GroupOffsets {
 public:
  virtual ~GroupOffsets() = default;

  /// For whom offsets are committed; none: the member has left its group.
  [[nodiscard]] virtual kafka::GroupMetadata metadata() const = 0;
  /// As kafka::PartitionQuestions::committed().
  [[nodiscard]] virtual std::vector<kafka::OffsetToCommit> committed(std::span<const kafka::TopicPartition> partitions,
                                                                     std::chrono::milliseconds within) const = 0;
  /// What the brokers take beside an offset, in bytes.
  [[nodiscard]] virtual std::size_t largest_metadata() const = 0;
  /// They took less.
  virtual void shorten_metadata() = 0;
  /// The group has no offset of the partition any more, although it had one: the reading thread shall see to its log.
  virtual void dropped(Partition& partition) = 0;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_GROUP_OFFSETS_H_
