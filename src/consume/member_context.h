#ifndef CONVEYOR_SRC_CONSUME_MEMBER_CONTEXT_H_
#define CONVEYOR_SRC_CONSUME_MEMBER_CONTEXT_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "consume/client_slot.h"
#include "consume/member_clock.h"
#include "consume/member_counters.h"
#include "consume/metadata_limit.h"
#include "consume/partition.h"
#include "conveyor/config.h"
#include "conveyor/consumer.h"
#include "conveyor/error.h"
#include "kafka/client.h"

namespace conveyor::worker {

struct MemberOptions {
  std::vector<std::string> topics = {};  ///< with their prefix
  StartAt start_at = StartAt::kEarliest;
  std::size_t max_in_flight = 256;  ///< per partition
  std::size_t max_in_flight_bytes = std::size_t{16} << 20;
  std::chrono::milliseconds commit_interval{1'000};
  std::chrono::milliseconds revoke_timeout{30'000};
  std::chrono::milliseconds topic_timeout{30'000};
  std::chrono::milliseconds places_within{15'000};  ///< see kafka::GroupOptions
  bool commit_metadata = false;                     ///< commits carry CommitMetadata
  /// What is finished is committed in transactions by somebody else, who says so: see GroupMember::finish.
  bool transacted = false;
  /// After standing still so long while the log grows the client is recreated; 0: never.
  std::chrono::milliseconds stalled_after{60'000};
  /// How long a log must be shorter than what was read of it until it is taken for another one: see LogWatch.
  std::chrono::milliseconds shorter_log_after{30'000};
  int crash_attempts = 0;  ///< deaths on one record after which it is not to be handled any more; 0: not watched
  /// As WorkerOptions::crash_probation.
  std::chrono::milliseconds crash_probation{10'000};
};

/// What all parts of a GroupMember use. They live as long as the member, and work on its reading thread.
struct MemberContext {
  const Config& config;
  const MemberOptions& options;
  MemberClock& clock;
  kafka::Reporter& reporter;
  ClientSlot& client;
  std::vector<PartitionPtr>& partitions;  // that it has at present
  MemberCounters& counters;
  MetadataLimit& metadata_limit;
  std::optional<Error>& failure;  // why the member ends

  /// How far behind the first record that is not finished others may be read: what is finished there has to fit into
  /// CommitMetadata.
  [[nodiscard]] std::size_t most_tracked() const noexcept {
    constexpr std::size_t kWidestLease = 1024;
    return std::max(kWidestLease, 2 * options.max_in_flight);
  }
  [[nodiscard]] bool watches_crashes() const noexcept {
    return options.crash_attempts > 0 && metadata_limit.bytes() > 0;
  }
  /// @param partition may be gone
  [[nodiscard]] PartitionPtr find(const Partition* partition, const kafka::TopicPartition& where) const {
    const auto found = std::ranges::find(partitions, partition, [](const PartitionPtr& each) { return each.get(); });
    return found != partitions.end() && (*found)->where == where ? *found : nullptr;
  }
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_MEMBER_CONTEXT_H_
