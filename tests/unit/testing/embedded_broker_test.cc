#include "conveyor/testing/embedded_broker.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "conveyor/error.h"

namespace conveyor::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Without leaving the group: 2.0.2's rd_kafka_consumer_close() waits for ever when the coordinator has gone.
struct Destroy {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); }
};
using Client = std::unique_ptr<rd_kafka_t, Destroy>;

// A client made from a Config by hand, so that this test depends on the broker alone.
Client client_of(const Config& config, rd_kafka_type_t type) {
  static const std::set<std::string> of_consumers{"session.timeout.ms", "heartbeat.interval.ms", "fetch.wait.max.ms",
                                                  "allow.auto.create.topics"};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> error{};
  const auto set = [&](const std::string& name, const std::string& value) {
    ASSERT_EQ(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()), RD_KAFKA_CONF_OK)
        << error.data();
  };
  set("bootstrap.servers", config.bootstrap_servers);
  set("log_level", "0");  // brokers end under them
  for (const auto& [name, value] : config.properties) {
    if (type == RD_KAFKA_CONSUMER || !of_consumers.contains(name)) set(name, value);
  }
  if (type == RD_KAFKA_CONSUMER) {
    set("group.id", config.group);
    set("auto.offset.reset", "earliest");
  }
  return Client(rd_kafka_new(type, conf, error.data(), error.size()));
}

void produce(rd_kafka_t* client, const std::string& topic, int partition, int count, std::size_t bytes) {
  const std::string value(bytes, 'x');
  for (int i = 0; i < count; ++i) {
    const auto error =
        rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()),
                                           value.size()),  // NOLINT(cppcoreguidelines-pro-type-const-cast)
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK), RD_KAFKA_V_END);
    ASSERT_EQ(error, RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_err2str(error);
    rd_kafka_poll(client, 0);
  }
  ASSERT_EQ(rd_kafka_flush(client, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

int consume(rd_kafka_t* client, const std::string& topic, int count) {
  rd_kafka_poll_set_consumer(client);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic.c_str(), RD_KAFKA_PARTITION_UA);
  EXPECT_EQ(rd_kafka_subscribe(client, topics), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(topics);
  int received = 0;
  for (const auto deadline = Clock::now() + 30s; received < count && Clock::now() < deadline;) {
    if (rd_kafka_message_t* message = rd_kafka_consumer_poll(client, 100)) {
      if (!message->err) ++received;
      rd_kafka_message_destroy(message);
    }
  }
  return received;
}

class Lines final : public Observer {
 public:
  void on_log(const LogLine& line) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(line.text);
    added_.notify_all();
  }
  bool wait_for(const std::string& part, std::chrono::seconds within) {
    std::unique_lock lock(mutex_);
    return added_.wait_for(lock, within, [&] {
      return std::any_of(lines_.begin(), lines_.end(), [&](const auto& line) { return line.find(part) != line.npos; });
    });
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<std::string> lines_;
};

TEST(EmbeddedBroker, GivesBackWhatWasWritten) {
  EmbeddedBroker broker;
  const Client producer = client_of(broker.config(), RD_KAFKA_PRODUCER);
  produce(producer.get(), "orders", RD_KAFKA_PARTITION_UA, 100, 10);
  const Client consumer = client_of(broker.config(), RD_KAFKA_CONSUMER);
  EXPECT_EQ(consume(consumer.get(), "orders", 100), 100);
  EXPECT_TRUE(broker.overflows().empty());
}

TEST(EmbeddedBroker, ListensOnTheLoopbackAddressAlone) {
  EmbeddedBroker broker({.brokers = 3});
  const std::string servers = broker.bootstrap_servers();
  EXPECT_EQ(std::count(servers.begin(), servers.end(), ','), 2) << servers;
  EXPECT_EQ(servers.rfind("127.0.0.1:", 0), 0U) << servers;
}

TEST(EmbeddedBroker, CreatesTopicsWithTheirPartitions) {
  EmbeddedBroker broker({.topics = {{"scans", 7}}});
  broker.create_topic("frames", 2);
  const Client client = client_of(broker.config(), RD_KAFKA_PRODUCER);
  const rd_kafka_metadata_t* metadata = nullptr;
  ASSERT_EQ(rd_kafka_metadata(client.get(), 1, nullptr, &metadata, 5'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  std::map<std::string, int> partitions;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    partitions[metadata->topics[i].topic] = metadata->topics[i].partition_cnt;
  }
  rd_kafka_metadata_destroy(metadata);
  EXPECT_EQ(partitions, (std::map<std::string, int>{{"frames", 2}, {"scans", 7}}));
}

TEST(EmbeddedBroker, RefusesATopicThatExistsOrCannotBe) {
  EmbeddedBroker broker;
  broker.create_topic("frames", 2);
  const auto code = [&](std::string_view topic, int partitions) {
    try {
      broker.create_topic(topic, partitions);
    } catch (const Error& error) {
      return error.code();
    }
    return std::error_code{};
  };
  EXPECT_EQ(code("frames", 2), errc::invalid_config);
  EXPECT_EQ(code("frames 2", 2), errc::invalid_topic);
  EXPECT_EQ(code("none", 0), errc::invalid_config);
}

TEST(EmbeddedBroker, SaysWhichPartitionItThrewRecordsAwayFrom) {
  const auto lines = std::make_shared<Lines>();
  EmbeddedBroker broker({.observer = lines, .topics = {{"frames", 2}}});
  const Client producer = client_of(broker.config(), RD_KAFKA_PRODUCER);
  produce(producer.get(), "frames", 1, 12, 500'000);
  const std::vector<Overflow> overflows = broker.overflows();
  ASSERT_EQ(overflows.size(), 1U);
  EXPECT_EQ(overflows[0].topic, "frames");
  EXPECT_EQ(overflows[0].partition, 1);
  EXPECT_GE(overflows[0].records, 1);
  EXPECT_LE(overflows[0].records, 3);
  EXPECT_TRUE(lines->wait_for("topic frames, partition 1", 5s));
}

TEST(EmbeddedBroker, EndsInBoundedTimeWithClientsConnected) {
  auto broker = std::make_unique<EmbeddedBroker>();
  const Client producer = client_of(broker->config(), RD_KAFKA_PRODUCER);
  produce(producer.get(), "orders", RD_KAFKA_PARTITION_UA, 10, 10);
  const Client consumer = client_of(broker->config(), RD_KAFKA_CONSUMER);
  EXPECT_EQ(consume(consumer.get(), "orders", 1), 1);
  const auto start = Clock::now();
  broker.reset();
  EXPECT_LT(Clock::now() - start, 5s);
}

}  // namespace
}  // namespace conveyor::testing
