#ifndef CONVEYOR_SRC_KAFKA_START_AT_LATEST_H_
#define CONVEYOR_SRC_KAFKA_START_AT_LATEST_H_

#include <cstdint>
#include <optional>
#include <span>

namespace conveyor::kafka {

/// What a group has committed of one partition of a topic; used to find where the topic's other partitions begin.
struct CommittedPartition {
  std::int32_t partition = -1;
  bool committed = false;
  /// How many partitions the topic had when the group began to read it at its log ends, if the commit metadata says so.
  std::optional<std::int32_t> partitions = {};
};

/// Where a partition without a committed offset begins, for a group that wants only what is written after its first
/// assignment.
struct LatestStart {
  bool at_end = true;  ///< true: at the end of the log; false: at its beginning, because the partition was added later
  std::int32_t partitions = 0;  ///< of the topic when the group began to read it; 0: not known
  bool operator==(const LatestStart&) const = default;
};

/// Only the commits of a topic's partitions last across restarts and are seen by all members, so they decide. A group
/// that has committed nothing of a topic begins now, at the log ends. A group that has committed something began
/// earlier. The commit metadata tells how many partitions the topic had then: those of them without a commit begin at
/// their end, because their members have not committed it yet. Partitions with a higher number were added later, and
/// all their records are newer than the group. If no commit tells the number, a partition counts as added later, so
/// that nothing is lost.
///
/// @param topic all partitions that the topic has now
[[nodiscard]] LatestStart start_at_latest(std::int32_t partition, std::span<const CommittedPartition> topic) noexcept;

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_START_AT_LATEST_H_
