#ifndef CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_SECURED_KAFKA_H_
#define CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_SECURED_KAFKA_H_

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/kafka_cluster/kafka_admin.h"
#include "support/kafka_cluster/kafka_cluster.h"
#include "support/kafka_cluster/reserved_port.h"
#include "support/kafka_cluster/temporary_folder.h"

namespace conveyor::tests {

/// A real Kafka that lets nobody in without credentials, nor do what he has no right to. Its certificates are made when
/// it starts and go with it.
///
/// Users: "alice", by SASL with a password for PLAIN and another one for SCRAM-SHA-256 and SCRAM-SHA-512, and kClient,
/// by certificate. Both may transact.
///
/// Thread safety: one thread at a time, except the addresses.
class SecuredKafka {
 public:
  static constexpr std::string_view kPassword = "alice secret=";
  static constexpr std::string_view kScramPassword = "alice's other secret=";
  static constexpr std::string_view kKeyPassword = "of the key";
  static constexpr std::string_view kClient = "CN=client";
  /// After which those who came by OAUTHBEARER must prove it again. librdkafka does it when a tenth of what is left of
  /// a token's life is left: with shorter lives a machine that stops it for a tenth of a second makes it come too late.
  static constexpr std::chrono::seconds kTokenLife{8};

  /// @throws std::runtime_error
  SecuredKafka();

  // host:port of its listeners
  [[nodiscard]] std::string sasl_ssl() const { return address(sasl_ssl_); }
  [[nodiscard]] std::string sasl_plaintext() const { return address(sasl_plaintext_); }
  [[nodiscard]] std::string mutual_tls() const { return address(mutual_tls_); }
  [[nodiscard]] std::string of_another_host() const { return address(elsewhere_); }  ///< by its certificate
  [[nodiscard]] std::string expired() const { return address(expired_); }

  /// A file that certificates.sh makes.
  [[nodiscard]] std::string file(std::string_view name) const { return (folder_.path() / name).string(); }

  /// Starts the broker again with another password of alice's for PLAIN: all connections are recreated.
  void change_password(std::string_view password);
  /// Lets users write and describe transactional ids, or no longer.
  void let_transact(const std::vector<std::string>& users, bool allowed);

  [[nodiscard]] KafkaCluster& cluster() noexcept { return cluster_; }
  /// As the administrator, who may do everything.
  [[nodiscard]] KafkaAdmin& admin() noexcept { return admin_; }

 private:
  [[nodiscard]] static std::string address(const ReservedPort& port) {
    return "127.0.0.1:" + std::to_string(port.number());
  }
  [[nodiscard]] KafkaClusterOptions options() const;
  [[nodiscard]] std::map<std::string, std::string> properties(std::string_view password) const;

  TemporaryFolder folder_;
  ReservedPort sasl_ssl_;
  ReservedPort sasl_plaintext_;
  ReservedPort mutual_tls_;
  ReservedPort elsewhere_;
  ReservedPort expired_;
  KafkaCluster cluster_;
  KafkaAdmin admin_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_SECURED_KAFKA_H_
