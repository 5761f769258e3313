#ifndef CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_CLUSTER_H_
#define CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_CLUSTER_H_

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/kafka_cluster/kafka_node.h"

namespace conveyor::tests {

struct KafkaClusterOptions {
  int brokers = 1;  ///< with 3: replication factor 3, min.insync.replicas 2
  /// Added to every server.properties, or in place of what the cluster sets itself.
  std::map<std::string, std::string> server_properties = {};
  /// Beside the one without any security; with one broker.
  std::vector<KafkaListener> listeners = {};
  /// Users with passwords of SCRAM, as `StorageTool format --add-scram` takes them; making them takes seconds.
  std::vector<std::string> scram_users = {};
  std::chrono::milliseconds ready_within{90'000};
  /// Small and quickly started; false: the JVM's own compiler and collector and 512 MB, for benchmarks.
  bool quick_start = true;
};

/// A real Apache Kafka (KRaft) on free ports of 127.0.0.1, for tests.
///
///     KafkaCluster kafka{{.brokers = 3}};
///     kafka.create_topic("orders", 4);
///     kafka.kill(1);
///     kafka.restart(1);
///
/// Brokers are numbered from 0. Whatever becomes of the process that made it, nothing is left running and its folder is
/// removed. It needs what `cmake/setup.sh kafka` installs.
///
/// Thread safety: one thread at a time, except bootstrap_servers() and create_topic().
class KafkaCluster {
 public:
  /// Starts it and waits until it is ready: all brokers up, groups possible.
  /// @throws std::runtime_error with the end of the broker's log
  explicit KafkaCluster(const KafkaClusterOptions& options = {});
  ~KafkaCluster();
  KafkaCluster(const KafkaCluster&) = delete;
  KafkaCluster& operator=(const KafkaCluster&) = delete;

  [[nodiscard]] const std::string& bootstrap_servers() const noexcept;
  [[nodiscard]] int brokers() const noexcept;
  [[nodiscard]] pid_t pid(int broker) const;
  [[nodiscard]] bool running(int broker) const;

  void stop(int broker);    ///< SIGTERM, and SIGKILL when it still runs after 10 s
  void kill(int broker);    ///< SIGKILL; returns when it is dead
  void pause(int broker);   ///< SIGSTOP
  void resume(int broker);  ///< SIGCONT
  /// Starts it again on its old ports and folder, whatever state it is in, and waits until it answers.
  /// @throws std::runtime_error with the end of its log
  void restart(int broker);
  /// Gives it these in place of KafkaClusterOptions::server_properties, from its next start on.
  void reconfigure(int broker, const std::map<std::string, std::string>& server_properties);

  /// Waits until every partition has a leader and all its replicas in sync: another broker may be killed then.
  /// @throws std::runtime_error
  void wait_until_in_sync(std::chrono::milliseconds within);

  /// Creates a topic and waits until each of its partitions has a leader.
  /// @throws std::runtime_error
  void create_topic(const std::string& name, int partitions, const std::map<std::string, std::string>& configs = {});

  /// The last lines of a broker's log.
  [[nodiscard]] std::string log_tail(int broker, int lines = 20) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_CLUSTER_H_
