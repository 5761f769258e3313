#include <memory>

#include "support/broker.h"
#include "support/group_protocol.h"
#include "support/kafka_cluster/kafka_cluster.h"
#include "support/shared_by_all_tests.h"

namespace conveyor::tests {

namespace {

SharedByAllTests<KafkaCluster> shared_kafka([] {
  return std::make_unique<KafkaCluster>(
      KafkaClusterOptions{.server_properties = {{"auto.create.topics.enable", "false"}}});
});

}  // namespace

std::string bootstrap_servers() { return shared_kafka->bootstrap_servers(); }

Config config_of_group(std::string_view group) {
  Config config;
  config.bootstrap_servers = bootstrap_servers();
  config.group = group;
  config.properties = quick_properties();
  return config;
}

void create_topic(const std::string& topic, int partitions, const std::map<std::string, std::string>& configs) {
  shared_kafka->create_topic(topic, partitions, configs);
}

}  // namespace conveyor::tests
