#ifndef CONVEYOR_SRC_KAFKA_TOPIC_READER_H_
#define CONVEYOR_SRC_KAFKA_TOPIC_READER_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "conveyor/config.h"
#include "kafka/client.h"
#include "kafka/consumed_record.h"
#include "kafka/handle.h"

namespace conveyor::kafka {

/// Offsets of one partition, from `begin` up to, but not including, `end`.
struct OffsetRange {
  std::int32_t partition = -1;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct TopicReaderOptions {
  std::string group = {};  ///< the group whose offsets are read and written; empty: none are
  std::stop_token stop = {};
  std::chrono::milliseconds patience{30'000};  ///< how long the brokers may not answer
};

/// Reads the records that a topic has, once, without being a member of a group. Use it from one thread.
class TopicReader {
 public:
  /// @param topic with Config::topic_prefix
  TopicReader(const Config& config, std::string topic, TopicReaderOptions options);
  ~TopicReader();
  TopicReader(const TopicReader&) = delete;
  TopicReader& operator=(const TopicReader&) = delete;

  /// The number of partitions; 0: the cluster has no such topic, or this user may not see it.
  /// @throws Error with errc::broker_unreachable, not_authorized or stopped
  [[nodiscard]] std::int32_t partitions_of(const std::string& topic);

  /// For an existing topic: the offsets that each of the first `count` partitions has now.
  /// @throws Error with errc::broker_unreachable, not_authorized or stopped
  [[nodiscard]] std::vector<OffsetRange> ranges(std::int32_t count);

  /// The group's committed offsets by partition; partitions without one are left out. @throws Error
  [[nodiscard]] std::map<std::int32_t, std::int64_t> committed(std::span<const OffsetRange> ranges);
  /// @param next the offsets by partition
  /// @throws Error when the commit was not confirmed
  void commit(const std::map<std::int32_t, std::int64_t>& next);

  /// Begins to fetch all partitions at the same time, because a partition that is begun later waits for up to a second.
  void start(std::span<const OffsetRange> ranges);
  /// The next record below the range's end. `range.begin` moves past the record. Nothing at the end, or when stopped.
  /// @throws Error with errc::unknown_topic, not_authorized, broker_unreachable or timed_out
  [[nodiscard]] ConsumedRecord read(OffsetRange& range);

  [[nodiscard]] bool stopped() const noexcept { return options_.stop.stop_requested(); }
  [[nodiscard]] Reporter& reporter() const noexcept { return client_.reporter(); }

 private:
  using Clock = std::chrono::steady_clock;

  bool serve_next(rd_kafka_queue_t* queue, std::chrono::milliseconds within);
  void serve_events(std::chrono::milliseconds within);
  void check_right_to_group(const std::string& doing);
  [[noreturn]] void fail(rd_kafka_resp_err_t error, const std::string& doing) const;

  const std::string bootstrap_servers_;
  const std::string name_;
  const TopicReaderOptions options_;
  Client client_;
  Queue events_;
  Queue group_events_;  // null without a group
  Topic topic_;
  std::map<std::int32_t, Queue> queues_;  // of the partitions that were started
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_TOPIC_READER_H_
