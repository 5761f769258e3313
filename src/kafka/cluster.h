#ifndef CONVEYOR_SRC_KAFKA_CLUSTER_H_
#define CONVEYOR_SRC_KAFKA_CLUSTER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/export.h"
#include "kafka/client.h"
#include "kafka/handle.h"
#include "kafka/log_offsets.h"

namespace conveyor::kafka {

/// A partition as the brokers describe it.
struct PartitionFacts {
  std::int32_t partition = -1;
  std::int32_t leader = -1;  ///< the broker's number; -1: the partition has none at present
  int replicas = 0;
  int in_sync = 0;  ///< replicas that have all records
};

struct TopicFacts {
  std::string name = {};
  std::string error = {};  ///< why the brokers do not describe it; empty: they do
  std::vector<PartitionFacts> partitions = {};
};

/// A member of a group, with what it was assigned.
struct MemberFacts {
  std::string id = {};
  std::string client_id = {};
  std::string host = {};
  std::vector<TopicPartition> partitions = {};
};

struct GroupFacts {
  std::string name = {};
  std::string state = {};  ///< as Kafka names it, such as "Stable"; "Dead": no such group
  std::string error = {};  ///< why the brokers do not describe it; empty: they do
  std::vector<MemberFacts> members = {};
};

struct CommittedFacts {
  std::string group = {};
  std::string error = {};  ///< why the brokers do not tell; empty: they do
  std::vector<std::pair<TopicPartition, std::int64_t>> offsets = {};
};

struct ClusterOptions {
  std::stop_token stop = {};
  std::chrono::milliseconds patience{10'000};  ///< how long the brokers may not answer a question
};

/// Asks a cluster about its topics and groups. It belongs to no group, and no question creates a topic.
///
/// All questions throw Error with errc::broker_unreachable, errc::not_authorized or errc::stopped.
///
/// Thread safety: use it from one thread. The command uses it, so it is exported.
class CONVEYOR_EXPORT Cluster {
 public:
  /// Waits until a broker answers.
  Cluster(const Config& config, const ClusterOptions& options);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// All topics that this user may see, sorted by name.
  [[nodiscard]] std::vector<TopicFacts> topics();
  /// The settings of each topic, those of the brokers included where the topic has none of its own. A topic whose
  /// settings the brokers do not tell is left out.
  [[nodiscard]] std::map<std::string, std::map<std::string, std::string>> settings_of(
      std::span<const std::string> topics);

  /// The names of all groups of consumers that this user may see, sorted.
  [[nodiscard]] std::vector<std::string> groups();
  /// Members of groups that use KIP-848's protocol are not told by every librdkafka.
  [[nodiscard]] std::vector<GroupFacts> describe(std::span<const std::string> groups);
  /// What each group has committed, in the order of the names.
  [[nodiscard]] std::vector<CommittedFacts> committed(std::span<const std::string> groups);

  /// Where logs begin and end, records of open transactions included; nothing where no answer came.
  [[nodiscard]] std::vector<std::optional<LogRange>> log_ranges(std::span<const TopicPartition> partitions);
  [[nodiscard]] std::vector<std::optional<std::int64_t>> log_ends(std::span<const TopicPartition> partitions);
  /// For each partition the offset of its first record at that time or later, or the end of its log where there is none;
  /// nothing where no answer came.
  [[nodiscard]] std::vector<std::optional<std::int64_t>> offsets_at(std::span<const TopicPartition> partitions,
                                                                    std::chrono::system_clock::time_point time);

 private:
  using AskAdmin = std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;

  /// @param questions how many answers come
  std::vector<KafkaEvent> ask(rd_kafka_admin_op_t kind, const std::string& doing, std::size_t questions,
                              const AskAdmin& asking);
  [[noreturn]] void fail(rd_kafka_resp_err_t error, const std::string& text) const;
  void serve_events();

  const std::string bootstrap_servers_;
  const ClusterOptions options_;
  Client client_;
  Queue events_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_CLUSTER_H_
