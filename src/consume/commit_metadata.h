#ifndef CONVEYOR_SRC_CONSUME_COMMIT_METADATA_H_
#define CONVEYOR_SRC_CONSUME_COMMIT_METADATA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::worker {

/// Offsets from `first` up to, but not including, `end`.
struct OffsetRange {
  std::int64_t first = 0;
  std::int64_t end = 0;
  bool operator==(const OffsetRange&) const = default;
};

/// Commit metadata: what a member writes beside an offset that it commits, for the next owner of the partition. It says
/// which records the member may have been handling if it dies, and which records above the offset are already finished.
///
/// It is text, so that people can read a group's offsets: `conveyor1 run=8f3a offset=1000 open=1 lease=1512
/// done=2+3,5+1`. Without it records may be handled twice and crash counts are lost, but no record is lost.
struct CommitMetadata {
  std::uint64_t run = 0;        ///< the run of a process that wrote it
  std::int64_t offset = 0;      ///< the offset it was committed with; if that differs, somebody else moved the offset
  bool open = false;            ///< the run may be handling records from `offset` up to `lease_end`
  std::int64_t lease_end = 0;   ///< the run has begun no record at or above this offset
  int crash_count = 0;          ///< how many runs died while the partition was open
  std::int64_t region_end = 0;  ///< records below it may have killed those runs
  std::optional<std::int64_t> suspect = {};       ///< the only record that the run was handling
  std::optional<std::int64_t> last_suspect = {};  ///< the last record that was the suspect of a run that died
  int deaths = 0;                                 ///< how many runs died with that suspect
  /// number of partitions of the topic when the group began to read it at its log ends; 0: it did not
  std::int32_t topic_began_with = 0;
  /// The run handles nothing, and lives for a while before it begins `last_suspect` again.
  bool waits = false;
  int condemned = 0;                   ///< records of the partition that were condemned by their crash count
  std::int64_t condemned_since = 0;    ///< when counting them began, in seconds since 1970
  std::vector<OffsetRange> done = {};  ///< finished records above `offset`; rising, not touching
  bool operator==(const CommitMetadata&) const = default;
};

/// The default of the broker setting offset.metadata.max.bytes.
inline constexpr std::size_t kLargestMetadata = 4'096;

/// @param largest in bytes; `done` is left out where it does not fit
[[nodiscard]] std::string encode(const CommitMetadata& metadata, std::size_t largest = kLargestMetadata);

/// Nothing when the text is not commit metadata of this library, or not of this offset: anybody may have written it.
[[nodiscard]] std::optional<CommitMetadata> decode_commit_metadata(std::string_view text, std::int64_t committed);
/// CommitMetadata::topic_began_with, where the commit metadata has it.
[[nodiscard]] std::optional<std::int32_t> topic_began_with(std::string_view text, std::int64_t committed);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_COMMIT_METADATA_H_
