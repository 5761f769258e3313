// The fixture itself: what the tests of crashes and failures stand on.

#include "support/kafka_cluster/kafka_cluster.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "support/errors.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

inline constexpr Channel<Image> kFrames{"frames"};

std::uint64_t deliver(const KafkaCluster& kafka, std::chrono::milliseconds within) {
  Producer producer(Config{.bootstrap_servers = kafka.bootstrap_servers()}, {.delivery_timeout = within});
  producer.send(kFrames, Image{});
  return producer.flush(within + 1s).delivered;
}

TEST(KafkaCluster, ABrokerOfThreeMayBeKilledAndComesBack) {
  KafkaCluster kafka({.brokers = 3});
  kafka.create_topic("frames", 3);
  EXPECT_EQ(deliver(kafka, 20s), 1U);
  kafka.kill(1);
  EXPECT_FALSE(kafka.running(1));
  EXPECT_EQ(deliver(kafka, 30s), 1U) << "two of three are enough";
  kafka.restart(1);
  EXPECT_TRUE(kafka.running(1));
  kafka.wait_until_in_sync(60s);
  EXPECT_EQ(deliver(kafka, 20s), 1U);
}

TEST(KafkaCluster, APausedBrokerAnswersAgainWhenResumed) {
  KafkaCluster kafka;
  kafka.create_topic("frames", 1);
  kafka.pause(0);
  EXPECT_EQ(deliver(kafka, 500ms), 0U);
  kafka.resume(0);
  EXPECT_EQ(deliver(kafka, 20s), 1U);
}

TEST(KafkaCluster, LeavesNoProcessBehind) {
  auto kafka = std::make_unique<KafkaCluster>();
  const pid_t broker = kafka->pid(0);
  EXPECT_EQ(kill(broker, 0), 0);
  kafka.reset();
  EXPECT_EQ(kill(broker, 0), -1);
}

TEST(KafkaCluster, ASettingThatTheBrokerRefusesIsShownWithItsLog) {
  try {
    KafkaCluster kafka({.server_properties = {{"num.partitions", "many"}}});
    FAIL() << "it started";
  } catch (const std::exception& error) {
    EXPECT_TRUE(contains(error.what(), "num.partitions"));
  }
}

}  // namespace
}  // namespace conveyor::tests
