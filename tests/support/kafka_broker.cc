#include <gtest/gtest.h>

#include <memory>

#include "kafka/kafka_cluster.h"
#include "support/broker.h"
#include "support/group_protocol.h"

namespace conveyor::tests {

namespace {

std::unique_ptr<KafkaCluster> shared_kafka;

class Environment final : public ::testing::Environment {
 public:
  void SetUp() override {
    try {
      shared_kafka = std::make_unique<KafkaCluster>(
          KafkaClusterOptions{.server_properties = {{"auto.create.topics.enable", "false"}}});
    } catch (const std::exception& error) {
      // The tests have nothing to run against; gtest would start them nevertheless.
      std::fprintf(stderr, "%s\n", error.what());
      std::exit(1);
    }
  }
  void TearDown() override { shared_kafka.reset(); }
};

[[maybe_unused]] const auto* const registered = ::testing::AddGlobalTestEnvironment(new Environment);

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
