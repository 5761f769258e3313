#ifndef CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_NODE_H_
#define CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_NODE_H_

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/kafka_cluster/child_process.h"
#include "support/kafka_cluster/kafka_installation.h"
#include "support/kafka_cluster/reserved_port.h"

namespace conveyor::tests {

/// A further listener of a broker, on 127.0.0.1.
struct KafkaListener {
  std::string name = {};      ///< in capitals; its settings are listener.name.<in small letters>.<property>
  std::string protocol = {};  ///< SSL, SASL_SSL or SASL_PLAINTEXT
  int port = 0;
};

/// One process of a Kafka cluster, broker and controller at once, with its ports, its folder and its log.
///
/// Thread safety: one thread at a time.
class KafkaNode {
 public:
  KafkaNode(int id, std::filesystem::path folder);

  [[nodiscard]] std::string address() const;  ///< for clients: 127.0.0.1:port
  [[nodiscard]] std::string voter() const;    ///< in controller.quorum.voters: id@127.0.0.1:port

  /// Writes server.properties: what is this node's own, then `properties`, which may override it.
  void configure(const std::map<std::string, std::string>& properties,
                 const std::vector<KafkaListener>& listeners = {});
  /// Makes its data folder as `StorageTool format` does, from the bootstrap.checkpoint that it once wrote.
  void format(const std::string& cluster_id, const std::filesystem::path& checkpoint);
  /// Makes its data folder by `StorageTool format` itself.
  /// @param scram_users as its option --add-scram takes them
  /// @throws std::runtime_error
  void format_slowly(const KafkaInstallation& installation, const std::string& cluster_id,
                     const std::vector<std::string>& scram_users = {});

  void start(const KafkaInstallation& installation, const std::vector<std::string>& java_flags);
  /// Of the last start; none before the first.
  [[nodiscard]] ChildProcess* process() noexcept { return process_ ? &*process_ : nullptr; }
  [[nodiscard]] bool running() const { return process_ && process_->running(); }

  [[nodiscard]] std::filesystem::path data_folder() const { return folder_ / "data"; }
  /// Since the last start.
  [[nodiscard]] std::string log() const;

 private:
  int id_;
  std::filesystem::path folder_;
  ReservedPort client_port_;
  ReservedPort controller_port_;
  std::optional<ChildProcess> process_;
};

/// A UUID as Kafka writes it: 16 random bytes in URL-safe base64 without padding.
[[nodiscard]] std::string random_kafka_uuid();

/// The last lines of a text.
[[nodiscard]] std::string last_lines(const std::string& text, int lines);

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_NODE_H_
