#ifndef CONVEYOR_SRC_KAFKA_START_PLACE_H_
#define CONVEYOR_SRC_KAFKA_START_PLACE_H_

#include <cstdint>
#include <optional>
#include <span>

namespace conveyor::kafka {

/// What a group has committed of one partition of a topic, as far as it tells where the topic's other partitions begin.
struct CommittedPlace {
  std::int32_t partition = -1;
  bool committed = false;
  /// How many partitions the topic had when the group began it at its log ends, if the commit says so.
  std::optional<std::int32_t> partitions = {};
};

/// Where a partition begins of which its group has committed nothing and of which it wants only what is written from
/// its first assignment on.
struct LatestStart {
  bool at_end = true;           ///< of the log; otherwise at its beginning: the partition was added later
  std::int32_t partitions = 0;  ///< the topic had when the group began it; 0: not known
  bool operator==(const LatestStart&) const = default;
};

/// The commits of a topic's partitions are all that lasts across restarts and is seen by every member. A group that has
/// committed nothing of a topic begins it now, at its end. One that has committed something began it before: of the
/// partitions that the topic had then, as the commits say, those without a commit begin at their end, because their
/// members have not come to it yet. Partitions with a higher number were added later: their first record is newer than
/// the group. Where no commit says how many there were, a partition is taken for a later one, so that nothing is lost.
///
/// @param topic all partitions that the topic has now
[[nodiscard]] LatestStart start_at_latest(std::int32_t partition, std::span<const CommittedPlace> topic) noexcept;

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_START_PLACE_H_
