#ifndef CONVEYOR_SRC_CONSUME_COMMIT_METADATA_H_
#define CONVEYOR_SRC_CONSUME_COMMIT_METADATA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::worker {

/// Offsets from `first` up to, not including, `end`.
struct OffsetRange {
  std::int64_t first = 0;
  std::int64_t end = 0;
  bool operator==(const OffsetRange&) const = default;
};

/// What a member writes beside an offset that it commits, for whoever is given the partition next: which records may
/// have been in somebody's hands when it died, and which above the offset are finished already.
///
/// It is text, so that a group's offsets can be read by eye: `conveyor1 run=8f3a offset=1000 open=1 lease=1512
/// done=2+3,5+1`. Losing it costs repeats and the memory of crashes, never a record.
struct CommitMetadata {
  std::uint64_t run = 0;       ///< which run of which process wrote it
  std::int64_t offset = 0;     ///< the one it was committed with; another one means that somebody else moved the offset
  bool open = false;           ///< the run may be handling records from `offset` to `lease_end`
  std::int64_t lease_end = 0;  ///< nothing at or above it was begun
  int crash_count = 0;         ///< how often a run died while the partition was open
  std::int64_t region_end = 0;                    ///< records below it may be what killed those runs
  std::optional<std::int64_t> suspect = {};       ///< the only record in the run's hands
  std::optional<std::int64_t> last_suspect = {};  ///< the last record that was so named when a run died
  int deaths = 0;                                 ///< how often that was
  std::int32_t topic_began_with = 0;              ///< partitions, when the group began it at its end; 0: it did not
  /// The run has nothing in hand, and lives on for a while before it begins `last_suspect` again.
  bool waits = false;
  int condemned = 0;                   ///< records of the partition that were given up because runs died on them
  std::int64_t condemned_since = 0;    ///< seconds since 1970
  std::vector<OffsetRange> done = {};  ///< finished above `offset`; rising, not touching
  bool operator==(const CommitMetadata&) const = default;
};

/// offset.metadata.max.bytes of a broker, unless changed.
inline constexpr std::size_t kLargestMetadata = 4'096;

/// @param largest in bytes; where `done` does not fit it is left out
[[nodiscard]] std::string encode(const CommitMetadata& metadata, std::size_t largest = kLargestMetadata);

/// Nothing when the text is not commit metadata, or not of this offset: it comes from outside.
[[nodiscard]] std::optional<CommitMetadata> decode_commit_metadata(std::string_view text, std::int64_t committed);
/// CommitMetadata::topic_began_with, where commit metadata says it.
[[nodiscard]] std::optional<std::int32_t> topic_began_with(std::string_view text, std::int64_t committed);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_COMMIT_METADATA_H_
