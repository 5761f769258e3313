#ifndef CONVEYOR_SRC_CLI_COMMANDS_PARTITION_LAG_H_
#define CONVEYOR_SRC_CLI_COMMANDS_PARTITION_LAG_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "kafka/cluster.h"

// How far groups are behind. Nothing here asks a broker.

namespace conveyor::cli {

/// One partition of one group.
struct PartitionLag {
  std::string group = {};
  kafka::TopicPartition where = {};
  std::optional<std::int64_t> committed = {};  ///< none: the group has not committed an offset
  std::optional<std::int64_t> end = {};        ///< where the next record will be; none: the leader did not tell
  /// The age of the oldest record that is not committed; none: it cannot be told.
  std::optional<std::chrono::milliseconds> age = {};
  std::string client_id = {};  ///< of the member that has the partition; empty: none has, or it is not told
  std::string host = {};

  /// As Kafka's own tools count it, the marks of transactions included. Less than 0 where the log was replaced by a
  /// shorter one. None: it cannot be told.
  [[nodiscard]] std::optional<std::int64_t> lag() const {
    return committed && end ? std::optional(*end - *committed) : std::nullopt;
  }
};

/// The partitions that the group has committed or that its members were assigned, sorted.
/// @param topics only these; empty: all
[[nodiscard]] std::vector<PartitionLag> partitions_of(const kafka::GroupFacts& group,
                                                      const kafka::CommittedFacts& committed,
                                                      const std::vector<std::string>& topics);

struct GroupTotal {
  std::int64_t lag = 0;                               ///< of the partitions whose lag is known and not below 0
  std::optional<std::chrono::milliseconds> age = {};  ///< the greatest; none where none is known
};
[[nodiscard]] GroupTotal total_of(const std::vector<PartitionLag>& partitions, const std::string& group);

/// Remembers lags, to say how they change.
class LagChanges {
 public:
  /// @return the change since the last time; none at the first time, or where one of the two lags cannot be told
  std::optional<std::int64_t> change(const PartitionLag& now);

 private:
  std::map<std::tuple<std::string, std::string_view, std::int32_t>, std::optional<std::int64_t>> last_;
};

/// Such as "0.3s", "42s", "5m07s", "3h12m" or "2d04h".
[[nodiscard]] std::string age_text(std::chrono::milliseconds age);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_PARTITION_LAG_H_
