// Leaders that answer late where their logs begin and end: nobody waits for them longer than they said, and those that
// answer are heard.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "consume/commit_metadata.h"
#include "kafka/start_offset_lookup.h"
#include "kafka/topic_reader.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/group_consumer_of.h"
#include "support/mock_broker.h"
#include "support/raw_kafka.h"
#include "support/reading_member.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

constexpr int kPartitions = 4;
constexpr int kRecords = 20;  // in each
constexpr auto kMuchLater = 9'000ms;
constexpr auto kSoon = 4'000ms;  // on a busy machine

class LateLeader : public MockBrokerTest {
 protected:
  LateLeader() : MockBrokerTest(2), config_(new_config()) {
    config_.properties["session.timeout.ms"] = "5000";  // the mock may not notice that a member leaves
    create_topic(topic_, kPartitions);
    std::vector<RawRecord> records;
    for (int i = 0; i < kRecords * kPartitions; ++i) {
      records.push_back({.value = std::to_string(i), .partition = i % kPartitions});
    }
    for (int i = 0; i < kPartitions; ++i) {
      rd_kafka_mock_partition_set_leader(cluster(), topic_.c_str(), i, 1);
      partitions_.push_back({topic_, i});
    }
    rd_kafka_mock_coordinator_set(cluster(), "group", config_.group.c_str(), 1);
    write_raw(topic_, records);
  }

  static void answer_late(int questions, std::chrono::milliseconds late = kMuchLater) {
    for (int i = 0; i < questions; ++i) {
      rd_kafka_mock_broker_push_request_error_rtts(cluster(), 1, kListOffsetsRequest, 1, RD_KAFKA_RESP_ERR_NO_ERROR,
                                                   static_cast<int>(late.count()));
    }
  }

  const std::string topic_ = unique_name("topic");
  std::vector<kafka::TopicPartition> partitions_;
  Config config_;
};

TEST_F(LateLeader, IsNotWaitedForLongerThanItWasSaid) {
  ReadingMember member(config_, {.topics = {topic_}, .commit_interval = 1h});
  ASSERT_TRUE(eventually([&] { return member.different() == kPartitions * kRecords; }, 30s));
  const auto consumer = group_consumer_of(member.group_member);
  answer_late(100);
  EXPECT_LT(time_of([&] { EXPECT_FALSE(consumer->log_ends(partitions_, 300ms).front()); }), kSoon);
  EXPECT_LT(time_of([&] { EXPECT_FALSE(consumer->log_ranges(partitions_, 300ms).front()); }), kSoon);
  EXPECT_LT(time_of([&] { EXPECT_FALSE(consumer->log_ranges(std::span(partitions_).first(1), 300ms).front()); }),
            kSoon);
  const auto latest = [&] {
    const auto start_offsets =
        kafka::look_up_start_offsets(consumer->handle(), partitions_, {.from_latest = true}, 300ms);
    EXPECT_FALSE(start_offsets.back().start_offset);
    EXPECT_NE(start_offsets.back().why, "");
  };
  EXPECT_LT(time_of(latest), kSoon);
  rd_kafka_mock_clear_request_errors(cluster(), kListOffsetsRequest);
}

TEST_F(LateLeader, DoesNotHideWhatAnotherTells) {
  ReadingMember member(config_, {.topics = {topic_}});
  ASSERT_TRUE(eventually([&] { return member.different() == kPartitions * kRecords; }, 30s));
  rd_kafka_mock_partition_set_leader(cluster(), topic_.c_str(), 0, 2);
  const auto consumer = group_consumer_of(member.group_member);
  ASSERT_TRUE(eventually([&] { return consumer->log_ends(partitions_, 1s).front() == kRecords; }, 30s))
      << "it knows of the new leader";
  rd_kafka_mock_broker_set_rtt(cluster(), 2, static_cast<int>(kMuchLater.count()));
  const auto ends = consumer->log_ends(partitions_, 4s);
  const auto ranges = consumer->log_ranges(partitions_, 8s);  // two questions, in parts: on a busy machine
  EXPECT_FALSE(ends[0]);
  EXPECT_FALSE(ranges[0]);
  for (std::size_t i = 1; i < kPartitions; ++i) {
    EXPECT_EQ(ends[i], kRecords);
    ASSERT_TRUE(ranges[i]);
    EXPECT_EQ(ranges[i]->begin, 0);
    EXPECT_EQ(ranges[i]->end, kRecords);
  }
}

// Of each partition it is asked where the log ends, as only what lay there can have killed the process before.
TEST_F(LateLeader, HoldsUpAnAssignmentOnceForAllPartitions) {
  const auto metadata = worker::encode({.run = 7, .offset = 0, .open = true, .lease_end = 100});
  for (int i = 0; i < kPartitions; ++i) commit_offset(config_.group, topic_, i, 0, metadata);
  answer_late(100);
  ReadingMember member(config_,
                       {.topics = {topic_}, .commit_metadata = true, .crash_attempts = 3, .crash_probation = 0ms});
  const auto& observer = static_cast<const CollectingObserver&>(*config_.observer);
  ASSERT_TRUE(eventually([&] { return !observer.events(Event::Kind::kAssigned).empty(); }, 30s));
  EXPECT_LT(
      time_of([&] { EXPECT_TRUE(eventually([&] { return member.group_member.counters().partitions > 0; }, 60s)); }),
      kSoon);
  EXPECT_TRUE(eventually([&] { return observer.events(Event::Kind::kProbing).size() == kPartitions; }, 30s))
      << "nobody said that less may be to blame";
  rd_kafka_mock_clear_request_errors(cluster(), kListOffsetsRequest);
}

TEST_F(LateLeader, IsGivenUpByWhoReadsATopicOnce) {
  kafka::TopicReader reader(config_, topic_, {.patience = 1s});
  ASSERT_EQ(reader.partitions_of(topic_), kPartitions);
  answer_late(100);
  EXPECT_LT(time_of([&] { EXPECT_EQ(thrown_by([&] { (void)reader.ranges(kPartitions); }).code, errc::timed_out); }),
            2 * kSoon);
  rd_kafka_mock_clear_request_errors(cluster(), kListOffsetsRequest);
}

TEST_F(LateLeader, IsHeardByWhoReadsATopicOnceWhereItIsOnlySlow) {
  rd_kafka_mock_broker_set_rtt(cluster(), 1, 1'200);
  kafka::TopicReader reader(config_, topic_, {.patience = 60s});
  const auto ranges = reader.ranges(1);
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_EQ(ranges.front().begin, 0);
  EXPECT_EQ(ranges.front().end, kRecords);
}

}  // namespace
}  // namespace conveyor::tests
