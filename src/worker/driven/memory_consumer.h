#ifndef CONVEYOR_SRC_WORKER_DRIVEN_MEMORY_CONSUMER_H_
#define CONVEYOR_SRC_WORKER_DRIVEN_MEMORY_CONSUMER_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "consume/partition_lookup.h"
#include "kafka/consumer_client.h"
#include "worker/driven/memory_cluster.h"

namespace conveyor::worker {

/// The only member of a group at a MemoryCluster. It gets the partitions that are used, and every answer comes at once.
class MemoryConsumer final : public kafka::ConsumerClient {
 public:
  using milliseconds = std::chrono::milliseconds;

  explicit MemoryConsumer(MemoryCluster& cluster) : cluster_(cluster) {}

  /// Assigns the partition at the next serve(), unless it is assigned already.
  void assign(const kafka::TopicPartition& where);

  void serve(Listener& listener) override;
  [[nodiscard]] bool joining() const override { return false; }
  bool commit(std::span<const kafka::OffsetToCommit> offsets, WhileJoining) override;
  [[nodiscard]] bool commit_in_flight() const noexcept override { return outcome_.has_value(); }
  [[nodiscard]] std::optional<kafka::CommitOutcome> poll_commit(milliseconds) override {
    return std::exchange(outcome_, std::nullopt);
  }
  [[nodiscard]] bool lost() const override { return false; }
  [[nodiscard]] std::vector<std::optional<kafka::LogRange>> log_ranges(
      std::span<const kafka::TopicPartition> partitions, milliseconds) const override;
  [[nodiscard]] std::vector<std::optional<std::int64_t>> log_ends(std::span<const kafka::TopicPartition> partitions,
                                                                  milliseconds within) const override;
  [[nodiscard]] std::vector<kafka::OffsetToCommit> committed(std::span<const kafka::TopicPartition> partitions,
                                                             milliseconds) const override;
  [[nodiscard]] std::int64_t known_log_start(const kafka::TopicPartition&) const override { return -1; }
  [[nodiscard]] std::int64_t passed(const kafka::TopicPartition&) const override { return -1; }
  void seek(const kafka::TopicPartition&, std::int64_t) override {}
  bool leave(milliseconds) override { return true; }
  void destroy(milliseconds) override {}
  [[nodiscard]] bool may_create_topics() const override { return false; }
  [[nodiscard]] rd_kafka_resp_err_t ask_for_topic(const std::string&, milliseconds) override {
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  [[nodiscard]] kafka::GroupMetadata group_metadata() const override { return {}; }
  [[nodiscard]] bool failed() const override { return false; }
  [[nodiscard]] milliseconds max_poll_interval() const override { return milliseconds(300'000); }
  [[nodiscard]] const kafka::Reporter& reporter() const noexcept override { return reporter_; }

 private:
  MemoryCluster& cluster_;
  const kafka::Reporter reporter_{nullptr};
  std::set<std::pair<std::string_view, std::int32_t>> assigned_;
  std::vector<kafka::TopicPartition> to_assign_;
  std::optional<kafka::CommitOutcome> outcome_;
};

/// Looks partitions up in a MemoryCluster. The answers are there at the next take().
class MemoryLookup final : public PartitionLookup {
 public:
  explicit MemoryLookup(const MemoryCluster& cluster) : cluster_(cluster) {}

  void ask(std::vector<Question> questions, std::chrono::milliseconds) override { questions_ = std::move(questions); }
  [[nodiscard]] bool asking() const noexcept override { return !questions_.empty(); }
  [[nodiscard]] std::vector<Question> take() override;
  void forget() noexcept override { questions_.clear(); }

 private:
  const MemoryCluster& cluster_;
  std::vector<Question> questions_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_DRIVEN_MEMORY_CONSUMER_H_
