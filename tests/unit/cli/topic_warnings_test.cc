#include "cli/commands/topic_warnings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace conveyor::cli {
namespace {

constexpr std::size_t kMaxRecordBytes = 1'000'000;

/// Two partitions with these replicas and in-sync replicas.
kafka::TopicFacts topic_with(int replicas, int in_sync) {
  return {.name = "orders",
          .partitions = {{.partition = 0, .leader = 1, .replicas = replicas, .in_sync = replicas},
                         {.partition = 1, .leader = 2, .replicas = replicas, .in_sync = in_sync}}};
}

/// "setting: text" of each.
std::vector<std::string> warnings(const kafka::TopicFacts& topic, const TopicSettings& settings) {
  std::vector<std::string> all;
  for (const TopicWarning& warning : warnings_of(topic, settings, kMaxRecordBytes)) {
    all.push_back(warning.setting + ": " + warning.text);
  }
  return all;
}

void expect_one(const std::vector<std::string>& found, const std::string& begin, const std::string& part) {
  ASSERT_EQ(found.size(), 1U) << testing::PrintToString(found);
  EXPECT_EQ(found[0].substr(0, begin.size()), begin);
  EXPECT_NE(found[0].find(part), std::string::npos) << found[0];
}

const TopicSettings kGood{
    {"min.insync.replicas", "2"}, {"max.message.bytes", "1048588"}, {"unclean.leader.election.enable", "false"}};

TopicSettings good_but(const std::string& name, const std::string& value) {
  TopicSettings settings = kGood;
  settings[name] = value;
  return settings;
}

TEST(TopicWarnings, AreNoneForAGoodTopicNorForSettingsThatAreNotKnown) {
  EXPECT_TRUE(warnings(topic_with(3, 3), kGood).empty());
  EXPECT_TRUE(warnings(topic_with(3, 3), {}).empty());
}

TEST(TopicWarnings, NameTheSizeThatIsNeeded) {
  expect_one(warnings(topic_with(3, 3), good_but("max.message.bytes", "1000000")),
             "max.message.bytes: max.message.bytes=1000000", "set max.message.bytes to 1000100 or more");
  EXPECT_TRUE(warnings(topic_with(3, 3), good_but("max.message.bytes", "1000100")).empty());
}

TEST(TopicWarnings, NameThePartitionsThatLackReplicas) {
  expect_one(warnings(topic_with(3, 2), kGood), "replicas: partition 1: fewer replicas", "down or slow");
  const auto both = warnings(topic_with(3, 1), kGood);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1].substr(0, 33), "min.insync.replicas: partition 1:");
  auto headless = topic_with(3, 3);
  headless.partitions[0].leader = -1;
  expect_one(warnings(headless, kGood), "replicas: partition 0 cannot be read or written", "start the brokers");
}

TEST(TopicWarnings, TellReplicationOfOneOnceHoweverManyReplicasMustBeInSync) {
  expect_one(warnings(topic_with(1, 1), good_but("min.insync.replicas", "1")), "replicas: replication factor 1",
             "give the topic 3 replicas");
}

TEST(TopicWarnings, JudgeTheReplicasThatMustBeInSync) {
  expect_one(warnings(topic_with(3, 3), good_but("min.insync.replicas", "1")),
             "min.insync.replicas: ", "set min.insync.replicas=2");
  expect_one(warnings(topic_with(2, 2), good_but("min.insync.replicas", "3")),
             "min.insync.replicas: min.insync.replicas=3 is more than the 2 replicas", "set it to 1");
}

TEST(TopicWarnings, JudgeUncleanElections) {
  expect_one(warnings(topic_with(3, 3), good_but("unclean.leader.election.enable", "true")),
             "unclean.leader.election.enable: ", "set it to false");
}

TEST(RetentionText, NamesTimeSizeAndCompaction) {
  EXPECT_EQ(retention_text({{"retention.ms", "604800000"}, {"retention.bytes", "-1"}}), "7d");
  EXPECT_EQ(retention_text({{"retention.ms", "5400000"}, {"retention.bytes", "1610612736"}}), "90m or 1.5 GiB");
  EXPECT_EQ(retention_text({{"retention.ms", "-1"}, {"retention.bytes", "1000"}}), "1000 bytes");
  EXPECT_EQ(retention_text({{"retention.ms", "-1"}, {"retention.bytes", "-1"}}), "forever");
  EXPECT_EQ(retention_text({{"cleanup.policy", "compact"}, {"retention.ms", "604800000"}}), "compacted");
  EXPECT_EQ(retention_text({{"cleanup.policy", "compact,delete"}, {"retention.ms", "1500"}}), "1.5s, compacted");
  EXPECT_EQ(retention_text({}), "-");
}

}  // namespace
}  // namespace conveyor::cli
