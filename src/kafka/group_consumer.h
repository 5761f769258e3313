#ifndef CONVEYOR_SRC_KAFKA_GROUP_CONSUMER_H_
#define CONVEYOR_SRC_KAFKA_GROUP_CONSUMER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/config.h"
#include "kafka/assigned_partition.h"
#include "kafka/client.h"
#include "kafka/consumer_client.h"
#include "kafka/start_offset_lookup.h"
#include "kafka/start_offset_requests.h"
#include "kafka/waiting_partitions.h"
#include "kafka/wakeup.h"

namespace conveyor::kafka {

struct GroupOptions {
  std::vector<std::string> topics = {};  ///< with Config::topic_prefix
  StartOffsetOptions start_offsets = {};
  /// How long to wait for the group's committed offsets, at most max.poll.interval.ms. While a transaction of the group
  /// is open, the coordinator does not answer until the brokers end it.
  std::chrono::milliseconds start_offsets_within{15'000};
};

/// A librdkafka consumer in a group, driven by one thread and without callbacks. Rebalances, errors and commit results
/// are taken as events, and nothing happens between two calls.
///
/// A partition is read only once the group has told its committed offset: see WaitingPartitions. Meanwhile the client is a
/// member of the group, and partitions that a cooperative member keeps are read on.
class GroupConsumer final : public ConsumerClient, public std::enable_shared_from_this<GroupConsumer> {
 public:
  /// The object must be owned by a shared_ptr.
  /// @param wakeup is signalled when serve() has something to do
  GroupConsumer(const Config& config, const GroupOptions& options, std::shared_ptr<Wakeup> wakeup);
  /// Throws what the constructor would throw about the settings, but makes no connection.
  static void check(const Config& config);
  ~GroupConsumer() override;  // every record must be destroyed before; does not wait for the client
  GroupConsumer(const GroupConsumer&) = delete;
  GroupConsumer& operator=(const GroupConsumer&) = delete;

  void serve(Listener& listener) override;

  [[nodiscard]] bool joining() const override;
  bool commit(std::span<const OffsetToCommit> offsets, WhileJoining while_joining) override;
  [[nodiscard]] bool commit_in_flight() const noexcept override { return commit_in_flight_; }
  [[nodiscard]] bool lost() const override;
  [[nodiscard]] std::optional<CommitOutcome> poll_commit(std::chrono::milliseconds within) override;

  [[nodiscard]] std::vector<std::optional<LogRange>> log_ranges(std::span<const TopicPartition> partitions,
                                                                std::chrono::milliseconds within) const override;
  [[nodiscard]] std::vector<std::optional<std::int64_t>> log_ends(std::span<const TopicPartition> partitions,
                                                                  std::chrono::milliseconds within) const override;
  [[nodiscard]] std::int64_t known_log_start(const TopicPartition& where) const override;
  [[nodiscard]] std::int64_t passed(const TopicPartition& where) const override;

  [[nodiscard]] GroupMetadata group_metadata() const override;
  [[nodiscard]] std::vector<OffsetToCommit> committed(std::span<const TopicPartition> partitions,
                                                      std::chrono::milliseconds within) const override;
  void seek(const TopicPartition& where, std::int64_t offset) override;

  bool leave(std::chrono::milliseconds within) override;
  void destroy(std::chrono::milliseconds within) override;

  [[nodiscard]] bool may_create_topics() const override;
  [[nodiscard]] rd_kafka_resp_err_t ask_for_topic(const std::string& topic, std::chrono::milliseconds within) override;

  [[nodiscard]] const Reporter& reporter() const noexcept override { return client_.reporter(); }
  [[nodiscard]] bool failed() const override {
    return client_.get() == nullptr || rd_kafka_fatal_error(client_.get(), nullptr, 0) != 0;
  }
  [[nodiscard]] std::chrono::milliseconds max_poll_interval() const override;
  /// For tests that break the client; null once it is leaving the group.
  [[nodiscard]] rd_kafka_t* handle() const noexcept { return client_.get(); }

 private:
  void handle(rd_kafka_event_t* event, Listener& listener);
  void on_rebalance(rd_kafka_event_t* event, Listener& listener);
  void on_given(const rd_kafka_topic_partition_list_t* partitions, Listener& listener);
  void on_taken(const rd_kafka_topic_partition_list_t* partitions, Listener& listener);
  /// Begins to read. @return false when librdkafka refused
  bool assign(std::span<const Assigned> partitions, Listener& listener);
  void look_for_start_offsets(Listener& listener);
  void take_start_offsets(std::vector<FoundStartOffset> answers, Listener& listener);
  /// @param together in one question, else in one for each partition
  void ask_for_start_offsets(std::vector<TopicPartition> partitions, std::chrono::milliseconds within, bool together);
  void report_waiting(std::span<const FoundStartOffset> start_offsets);
  void forget_waiting();
  /// Waits until librdkafka's main thread has handled all its pending work, when only that tells whether it is joining.
  void catch_up() const;
  void keep_what_cannot_be_destroyed();
  void report(rd_kafka_error_t* error, std::string_view doing);

  const StartOffsetOptions start_offsets_;
  const std::shared_ptr<Wakeup> wakeup_;
  Client client_;
  mutable std::shared_mutex leaving_mutex_;  // shared by calls of other threads
  Queue events_;
  Queue commits_;
  bool commit_in_flight_ = false;
  std::shared_ptr<std::promise<void>> may_destroy_;  // set once the client is leaving the group
  bool ever_assigned_ = false;
  std::vector<TopicPartition> held_;  // in the client's assignment
  WaitingPartitions waiting_;
  StartOffsetRequests questions_;
  bool first_question_ = false;  // about the last assignment; the listener is told with its answer
  std::chrono::steady_clock::time_point ask_at_ = {};
  std::chrono::steady_clock::time_point rejoins_until_ = {};
  bool cooperative_ = false;  // as of the last assignment, because asking while the client leaves can hang
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_GROUP_CONSUMER_H_
