// A consumer whose Kafka client breaks is recreated while the service goes on, and every message is counted by its
// number.

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/group_consumer_of.h"
#include "support/group_protocol.h"
#include "support/raw_kafka.h"
#include "support/reading_member.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

worker::MemberOptions options_for(const std::string& topic, std::chrono::milliseconds stalled_after = 60s) {
  return {.topics = {topic}, .commit_interval = 20ms, .stalled_after = stalled_after};
}

std::vector<RawRecord> numbered(int first, int end) {
  std::vector<RawRecord> records;
  for (int i = first; i < end; ++i) records.push_back({.value = std::to_string(i), .partition = i % 2});
  return records;
}

TEST(ConsumerRecovery, AClientThatFailsForGoodIsRecreatedAndNothingIsMissing) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 2);
  Config config = new_config();
  const auto observer = std::make_shared<CollectingObserver>();
  config.observer = observer;
  // A client that failed for good does not leave its group: the next one waits for the end of its session.
  set_session_timeout(config.properties, "5000");
  ReadingMember reading(config, options_for(topic));
  for (int round = 0; round < 3; ++round) {
    write_raw(topic, numbered(round * 1'000, round * 1'000 + 1'000));
    ASSERT_TRUE(eventually([&] { return reading.different() > static_cast<std::size_t>(round) * 1'000 + 100; }, 30s));
    ASSERT_EQ(rd_kafka_test_fatal_error(group_consumer_of(reading.group_member)->handle(), RD_KAFKA_RESP_ERR_UNKNOWN,
                                        "by the test"),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    ASSERT_TRUE(
        eventually([&] { return reading.group_member.counters().recoveries > static_cast<std::uint64_t>(round); }));
  }
  write_raw(topic, numbered(3'000, 4'000));
  EXPECT_TRUE(eventually([&] { return reading.different() == 4'000; }, 30s)) << reading.different();
  const auto recovered = observer->events(Event::Kind::kRecovered);
  ASSERT_EQ(recovered.size(), 3U);
  EXPECT_NE(recovered.front().text.find("by the test"), std::string::npos) << recovered.front().text;
}

/// A member that has read a hundred records and is never given another one.
class StandingStill : public testing::Test {
 protected:
  /// @param after this long without a record where there is one it is recreated
  void stand_still(std::chrono::milliseconds after) {
    create_topic(topic, 2);
    reading.emplace(new_config(), options_for(topic, after));
    write_raw(topic, numbered(0, 100));
    ASSERT_TRUE(eventually([&] { return reading->different() == 100; }, 30s));
    // Paused behind the member's back, its partitions are never fetched again.
    rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(2);
    for (int i = 0; i < 2; ++i) rd_kafka_topic_partition_list_add(all, topic.c_str(), i);
    EXPECT_EQ(rd_kafka_pause_partitions(group_consumer_of(reading->group_member)->handle(), all),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(all);
  }
  [[nodiscard]] bool recreated() const { return reading->group_member.counters().recoveries == 1; }

  const std::string topic = unique_name("topic");
  std::optional<ReadingMember> reading;
};

TEST_F(StandingStill, WhileItsLogGrowsAConsumerIsRecreated) {
  stand_still(1s);
  int written = 100;
  EXPECT_TRUE(eventually(
      [&] {
        write_raw(topic, numbered(written, written + 2));
        written += 2;
        return recreated();
      },
      30s));
  EXPECT_TRUE(eventually([&] { return reading->different() == static_cast<std::size_t>(written); }, 30s));
}

// As the last records of a job.
TEST_F(StandingStill, BeforeTheEndOfALogThatGrowsNoMoreAConsumerIsRecreated) {
  stand_still(2s);
  write_raw(topic, numbered(100, 120));
  EXPECT_TRUE(eventually([&] { return recreated(); }, 30s));
  EXPECT_TRUE(eventually([&] { return reading->different() == 120; }, 30s));
}

}  // namespace
}  // namespace conveyor::tests
