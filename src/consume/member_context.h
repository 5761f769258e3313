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
  std::vector<std::string> topics = {};  ///< with Config::topic_prefix
  StartAt start_at = StartAt::kEarliest;
  std::size_t max_in_flight = 256;  ///< per partition
  std::size_t max_in_flight_bytes = std::size_t{16} << 20;
  std::chrono::milliseconds commit_interval{1'000};
  std::chrono::milliseconds revoke_timeout{30'000};
  std::chrono::milliseconds topic_timeout{30'000};
  std::chrono::milliseconds start_offsets_within{15'000};  ///< see kafka::GroupOptions
  bool commit_metadata = false;                            ///< commits carry CommitMetadata
  /// Another thread commits what is finished, in transactions, and reports it: see GroupMember::finish().
  bool transacted = false;
  /// The client is recreated when it fetches nothing for this long although the log goes on; 0: never.
  std::chrono::milliseconds stalled_after{60'000};
  /// How long a log must be shorter than the read position before the topic is taken for recreated: see ReplacedLogWatch.
  std::chrono::milliseconds shorter_log_after{30'000};
  int crash_attempts = 0;  ///< deaths on one record after which it is condemned; 0: crashes are not watched
  /// As WorkerOptions::crash_probation.
  std::chrono::milliseconds crash_probation{10'000};
};

/// What all parts of a GroupMember share. It lives as long as the member and is used on the member's thread.
struct MemberContext {
  const Config& config;
  const MemberOptions& options;
  MemberClock& clock;
  kafka::Reporter& reporter;
  ClientSlot& client;
  std::vector<PartitionPtr>& partitions;  // currently assigned
  MemberCounters& counters;
  MetadataLimit& metadata_limit;
  std::optional<Error>& failure;  // why the member ends

  /// How many records above the first unfinished one may be read: the finished ones among them must fit into
  /// CommitMetadata.
  [[nodiscard]] std::size_t most_tracked() const noexcept {
    constexpr std::size_t kWidestLease = 1024;
    return std::max(kWidestLease, 2 * options.max_in_flight);
  }
  [[nodiscard]] bool watches_crashes() const noexcept {
    return options.crash_attempts > 0 && metadata_limit.bytes() > 0;
  }
  /// The partition, if it is still assigned. @param partition compared, never dereferenced: it may be gone
  [[nodiscard]] PartitionPtr find(const Partition* partition, const kafka::TopicPartition& where) const {
    const auto found = std::ranges::find(partitions, partition, [](const PartitionPtr& each) { return each.get(); });
    return found != partitions.end() && (*found)->where == where ? *found : nullptr;
  }
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_MEMBER_CONTEXT_H_
