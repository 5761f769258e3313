#include "conveyor/testing/embedded_broker.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/broker.h"

namespace conveyor::tests {

namespace {

std::unique_ptr<conveyor::testing::EmbeddedBroker> shared_broker;

class Environment final : public ::testing::Environment {
 public:
  void SetUp() override { shared_broker = std::make_unique<conveyor::testing::EmbeddedBroker>(); }
  void TearDown() override { shared_broker.reset(); }
};

[[maybe_unused]] const auto* const registered = ::testing::AddGlobalTestEnvironment(new Environment);

}  // namespace

std::string bootstrap_servers() { return shared_broker->bootstrap_servers(); }

Config config_of_group(std::string_view group) { return shared_broker->config(group); }

void create_topic(const std::string& topic, int partitions, const std::map<std::string, std::string>&) {
  shared_broker->create_topic(topic, partitions);
}

}  // namespace conveyor::tests
