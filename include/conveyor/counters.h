#ifndef CONVEYOR_COUNTERS_H_
#define CONVEYOR_COUNTERS_H_

#include <cstdint>

namespace conveyor {

/// What a producer has counted since it was made.
/// accepted = delivered + failed + in_flight: every accepted send is counted exactly once, as delivered or as failed.
struct ProducerCounters {
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t refused = 0;    ///< sends that threw or returned an error: too large, queue full, ...
  std::uint64_t dropped = 0;    ///< those of `refused` that were dropped because the queue was full (WhenFull::kDrop)
  std::uint64_t in_flight = 0;  ///< accepted and not yet resolved
  std::uint64_t in_flight_bytes = 0;  ///< keys and values of the sends in flight
  std::uint64_t message_bytes = 0;    ///< serialised size of accepted messages, before the codec
  std::uint64_t record_bytes = 0;     ///< size of accepted records after the codec: value, key and headers
  std::uint64_t recoveries = 0;       ///< how often the Kafka client failed permanently and was recreated
  /// Sends that were repeated although a broker may have stored them: the largest number of duplicates that recoveries
  /// can have caused.
  std::uint64_t possible_duplicates = 0;
};

/// What a consumer or worker has counted since it was made.
struct ConsumerCounters {
  std::uint64_t received = 0;        ///< records read from the Kafka client
  std::uint64_t received_bytes = 0;  ///< keys and values of the records received, before decompression
  std::uint64_t handled = 0;         ///< records done: handled, or skipped as tombstones
  std::uint64_t decode_errors = 0;
  std::uint64_t tombstones = 0;
  std::uint64_t handler_errors = 0;
  std::uint64_t stale = 0;  ///< finished after their partition was revoked or lost; another member handles them again
  std::uint64_t commits = 0;
  std::uint64_t commit_errors = 0;
  std::uint64_t rebalances = 0;
  std::uint64_t in_flight = 0;     ///< read from the client and not yet done
  std::uint64_t partitions = 0;    ///< currently assigned
  std::uint64_t retries = 0;       ///< attempts after the first
  std::uint64_t dead_letters = 0;  ///< records written to dead-letter topics; they count as handled too
  std::uint64_t recoveries = 0;    ///< how often a Kafka client failed permanently and was recreated
  std::uint64_t expired = 0;       ///< offsets that retention or DeleteRecords removed before they were read
};

}  // namespace conveyor

#endif  // CONVEYOR_COUNTERS_H_
