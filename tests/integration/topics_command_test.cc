// `conveyor topics` on a real Kafka.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "support/broker.h"
#include "support/command.h"
#include "support/errors.h"
#include "support/kafka_cluster/kafka_admin.h"
#include "support/kafka_cluster/kafka_cluster.h"
#include "support/raw_kafka.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

JsonLine described(const std::string& topic, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"topics", "--json", topic};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const CommandResult result = run_command_with(arguments);
  EXPECT_EQ(result.code, 0) << result.errors;
  const auto lines = json_lines(result.output);
  EXPECT_EQ(lines.size(), 1U) << result.output;
  return lines.at(0);
}

TEST(TopicsCommand, CountsWhatATopicHoldsAfterSomeOfItWasDeleted) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 4, {{"retention.ms", "3600000"}});
  std::vector<RawRecord> records;
  for (int i = 0; i < 100'000; ++i) records.push_back({.value = "x", .partition = i % 4});
  write_raw(topic, records);
  EXPECT_EQ(described(topic).number("records"), 100'000);
  KafkaAdmin(bootstrap_servers()).delete_records(topic, 1, 20'000);
  const JsonLine line = described(topic);
  EXPECT_EQ(line.number("records"), 80'000);
  EXPECT_EQ(line.number("retention_ms"), 3'600'000);
  EXPECT_TRUE(contains(line.text("partitions"), R"("begin":20000)")) << line.text("partitions");
}

TEST(TopicsCommand, WarnsOfSettingsThatEndangerDelivery) {
  const std::string topic = unique_name("topic");
  create_topic(
      topic, 1,
      {{"max.message.bytes", "500000"}, {"min.insync.replicas", "2"}, {"unclean.leader.election.enable", "true"}});
  const CommandResult result = run_command_with({"topics", topic});
  EXPECT_EQ(result.code, 0) << result.errors;
  for (const char* warning :
       {": replication factor 1: ", ": min.insync.replicas=2 is more than the 1 replicas: every send fails",
        ": max.message.bytes=500000: ", ": unclean.leader.election.enable=true: "}) {
    EXPECT_TRUE(contains(result.output, "\n" + topic + warning)) << warning << " in\n" << result.output;
  }
  EXPECT_TRUE(contains(described(topic).text("warnings"), R"("setting":"max.message.bytes")"));
}

TEST(TopicsCommand, ComparesATopicWithWhatServicesMaySend) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  EXPECT_FALSE(contains(described(topic).text("warnings"), "max.message.bytes"));
  const std::string file = testing::TempDir() + unique_name("large.properties");
  FILE* out = fopen(file.c_str(), "w");
  ASSERT_NE(out, nullptr);
  fputs("conveyor.max.record.bytes=5000000\n", out);
  fclose(out);
  EXPECT_TRUE(contains(described(topic, {"--config", file}).text("warnings"), "set max.message.bytes to 5000100"));
  std::remove(file.c_str());
}

TEST(TopicsCommand, LeavesOutKafkasOwnTopicsUnlessTheyAreNamed) {
  create_topic(unique_name("topic"), 1);
  EXPECT_FALSE(contains(run_command_with({"topics"}).output, "__consumer_offsets"));
  EXPECT_EQ(described("__consumer_offsets").text("cleanup_policy"), "compact");
}

TEST(TopicsCommand, FailsForATopicThatIsNotThereAndShowsTheOthers) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  const CommandResult result = run_command_with({"topics", topic + "x", topic});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(contains(result.errors, "conveyor: there is no topic " + topic + "x"));
  EXPECT_TRUE(contains(result.errors, "did you mean " + topic + "?")) << result.errors;
  EXPECT_TRUE(contains(result.output, topic));
}

TEST(TopicsCommand, NamesThePartitionsThatABrokerWhichIsDownLeavesWithFewerReplicas) {
  KafkaCluster kafka({.brokers = 3});
  kafka.create_topic("orders", 3);
  kafka.wait_until_in_sync(60s);
  const std::vector<std::string> arguments{"topics", "orders", "--bootstrap-servers", kafka.bootstrap_servers()};
  const CommandResult well = run_command(arguments);
  EXPECT_EQ(well.code, 0) << well.errors;
  EXPECT_FALSE(contains(well.output, "\norders: ")) << "three replicas, two of them needed: " << well.output;
  kafka.kill(2);
  CommandResult short_of;
  EXPECT_TRUE(eventually(
      [&] {
        short_of = run_command(arguments);
        return contains(short_of.output, "\norders: partitions 0, 1, 2: fewer replicas are in sync");
      },
      60s))
      << short_of.output << short_of.errors;
  EXPECT_FALSE(contains(short_of.output, "sends fail")) << "two are in sync";
}

}  // namespace
}  // namespace conveyor::tests
