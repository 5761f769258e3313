#ifndef SUPPORT_CLUSTER_H_
#define SUPPORT_CLUSTER_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "conveyor/config.h"
#include "conveyor/testing/embedded_broker.h"

namespace support {

/// The settings of one consumer group; the cluster is the same for all.
using ConfigFor = std::function<conveyor::Config(std::string_view group)>;

/// Settings from CONVEYOR_* variables. @param bootstrap HOST:PORT of Kafka; where it is empty, the variables decide
[[nodiscard]] ConfigFor config_from_environment(const std::string& bootstrap);

/// The Kafka cluster that all parts of a demonstration talk to.
///
/// Thread safety: immutable, share freely.
class Cluster {
 public:
  /// @param bootstrap HOST:PORT of Kafka; empty: an embedded broker, which ends with this object
  /// @param service the name that messages carry as their sender
  /// @throws Error
  Cluster(const std::string& bootstrap, std::string_view service);

  [[nodiscard]] bool embedded() const noexcept { return broker_.has_value(); }
  [[nodiscard]] const std::string& address() const noexcept { return base_.bootstrap_servers; }
  [[nodiscard]] ConfigFor config_for() const;
  /// The same settings for other processes, which read them with Config::from_env.
  [[nodiscard]] std::map<std::string, std::string> environment() const;

 private:
  conveyor::Config base_;
  std::optional<conveyor::testing::EmbeddedBroker> broker_;
};

}  // namespace support

#endif  // SUPPORT_CLUSTER_H_
