#include "conveyor/testing/embedded_broker.h"

#include "support/broker.h"
#include "support/shared_by_all_tests.h"

namespace conveyor::tests {

namespace {

SharedByAllTests<conveyor::testing::EmbeddedBroker> shared_broker;

}  // namespace

std::string bootstrap_servers() { return shared_broker->bootstrap_servers(); }

Config config_of_group(std::string_view group) { return shared_broker->config(group); }

void create_topic(const std::string& topic, int partitions, const std::map<std::string, std::string>&) {
  shared_broker->create_topic(topic, partitions);
}

}  // namespace conveyor::tests
