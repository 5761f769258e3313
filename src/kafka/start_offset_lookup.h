#ifndef CONVEYOR_SRC_KAFKA_START_OFFSET_LOOKUP_H_
#define CONVEYOR_SRC_KAFKA_START_OFFSET_LOOKUP_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/assigned_partition.h"

namespace conveyor::kafka {

struct StartOffsetOptions {
  /// true: without a committed offset, begin with records written from now on: see start_at_latest()
  bool from_latest = false;
  /// Reads CommittedPartition::partitions from commit metadata.
  std::optional<std::int32_t> (*partitions_in)(std::string_view metadata, std::int64_t offset) = nullptr;
};

struct FoundStartOffset {
  TopicPartition where = {};
  std::optional<StartOffset> start_offset = {};  ///< none: not known
  std::string why = {};                          ///< why it is not known
};

/// Asks the group's coordinator, and where needed the partitions' leaders, where the group begins to read these
/// partitions. A start offset is known or not known: an error of a broker never counts as "nothing was committed".
///
/// Thread safety: may be called from any thread while the client lives.
/// @param within for all questions together
[[nodiscard]] std::vector<FoundStartOffset> look_up_start_offsets(rd_kafka_t* client,
                                                                  std::span<const TopicPartition> partitions,
                                                                  const StartOffsetOptions& options,
                                                                  std::chrono::milliseconds within);

/// Partitions that cannot be read yet, and the text about them.
struct UnknownStartOffsets {
  TopicPartition first = {};
  std::string text = {};
};
/// @param patience how long they will be asked about
/// @return nothing when all start offsets are known
[[nodiscard]] std::optional<UnknownStartOffsets> unknown_start_offsets(std::span<const FoundStartOffset> start_offsets,
                                                                       std::chrono::milliseconds patience);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_START_OFFSET_LOOKUP_H_
