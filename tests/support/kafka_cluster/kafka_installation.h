#ifndef CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_INSTALLATION_H_
#define CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_INSTALLATION_H_

#include <filesystem>
#include <string>
#include <vector>

namespace conveyor::tests {

/// Where cmake/setup.sh keeps its downloads: $CONVEYOR_CACHE, by default ~/.cache/conveyor.
[[nodiscard]] std::filesystem::path cache_folder();

/// Where Java and the jars of Apache Kafka lie, as cmake/setup.sh left them, and what makes a broker start quickly.
///
/// Thread safety: immutable.
struct KafkaInstallation {
  std::filesystem::path java;
  std::filesystem::path jars;
  /// Holds `kafka.jsa`, the classes a broker needs as the JVM shares them between runs, and `bootstrap.checkpoint`,
  /// what formatting a broker's folder writes: starting takes 1 s instead of 4. It may not be there yet.
  std::filesystem::path quick_start;

  /// @throws std::runtime_error naming the command that installs what is missing
  [[nodiscard]] static KafkaInstallation find();

  /// The command that runs a class of Kafka's: java, flags, class path, then what `arguments` say.
  [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& java_flags,
                                                 const std::vector<std::string>& arguments) const;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_INSTALLATION_H_
