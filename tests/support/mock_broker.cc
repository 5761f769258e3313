#include "support/mock_broker.h"

#include <memory>

#include "kafka/handle.h"
#include "support/broker.h"
#include "support/collecting_observer.h"

namespace conveyor::tests {

namespace {

using ClientHandle = std::unique_ptr<rd_kafka_t, kafka::Deleter<rd_kafka_destroy>>;
using ClusterHandle = std::unique_ptr<rd_kafka_mock_cluster_t, kafka::Deleter<rd_kafka_mock_cluster_destroy>>;

struct MockBroker {
  explicit MockBroker(int brokers) : cluster(rd_kafka_mock_cluster_new(owner.get(), brokers)) {}
  ClientHandle owner{rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)};
  ClusterHandle cluster;
};
std::unique_ptr<MockBroker> mock;

}  // namespace

MockBrokerTest::MockBrokerTest(int brokers) { mock = std::make_unique<MockBroker>(brokers); }
MockBrokerTest::~MockBrokerTest() { mock.reset(); }

rd_kafka_mock_cluster_t* MockBrokerTest::cluster() { return mock->cluster.get(); }

void MockBrokerTest::tell_no_offsets() {
  constexpr int kQuestions = 5'000;  // more than a test asks
  for (int i = 0; i < kQuestions; ++i) {
    rd_kafka_mock_push_request_errors(cluster(), kOffsetFetchRequest, 1, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT);
  }
}
void MockBrokerTest::tell_offsets() { rd_kafka_mock_clear_request_errors(cluster(), kOffsetFetchRequest); }

std::string bootstrap_servers() { return rd_kafka_mock_cluster_bootstraps(mock->cluster.get()); }

Config config_of_group(std::string_view group) {
  Config config;
  config.bootstrap_servers = bootstrap_servers();
  config.group = group;
  config.observer = std::make_shared<CollectingObserver>();
  return config;
}

void create_topic(const std::string& topic, int partitions, const std::map<std::string, std::string>&) {
  rd_kafka_mock_topic_create(mock->cluster.get(), topic.c_str(), partitions, 1);
}

}  // namespace conveyor::tests
