#ifndef CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_QUICK_START_H_
#define CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_QUICK_START_H_

#include <string>
#include <vector>

#include "support/kafka_cluster/kafka_installation.h"

namespace conveyor::tests {

/// Makes KafkaInstallation::quick_start if it is not there yet, which takes some seconds, once for a cache folder; of
/// several processes one makes it and the others wait. @throws std::runtime_error
void make_quick_start(const KafkaInstallation& installation);

/// The flags of a JVM that starts quickly and takes little.
[[nodiscard]] std::vector<std::string> quick_start_flags(const KafkaInstallation& installation);

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_QUICK_START_H_
