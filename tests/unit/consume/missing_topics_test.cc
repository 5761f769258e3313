#include "consume/missing_topics.h"

#include <gtest/gtest.h>

#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using tests::kTopic;

class MissingTopicsTest : public ::testing::Test {
 protected:
  void topic_is(rd_kafka_resp_err_t answer) { parts.cluster.topics[std::string(kTopic)] = answer; }
  void missing_topic() { topic_is(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART); }
  std::size_t told() const { return parts.observer->events(Event::Kind::kTopicMissing).size(); }
  void check_after(std::chrono::milliseconds time) {
    parts.clock.advance(time);
    check.check(parts.clock.now());
  }
  void assigned() {
    std::vector<kafka::Assigned> given;
    given.push_back({.where = tests::partition_of(0)});
    check.on_assigned(given);
  }

  tests::MemberParts parts{{.topic_timeout = 30s}};
  ReplacedLogCheck logs{parts.context(), *parts.wakeup, parts.make_lookup()};
  MissingTopics check{parts.context(), logs};
};

TEST_F(MissingTopicsTest, AsksNobodyWhilePartitionsAreReadSoon) {
  check_after(1s);
  assigned();
  check_after(1h);
  EXPECT_TRUE(parts.client->topics_asked.empty());
  EXPECT_FALSE(parts.failure);
}

TEST_F(MissingTopicsTest, AsksWhenNothingWasGivenForAWhile) {
  check_after(2s);
  EXPECT_EQ(parts.client->topics_asked.size(), 1U);
  check_after(1s);
  EXPECT_EQ(parts.client->topics_asked.size(), 1U) << "once";
  EXPECT_EQ(told(), 0U);
}

TEST_F(MissingTopicsTest, SaysThatATopicIsMissing) {
  missing_topic();
  check_after(2s);
  ASSERT_EQ(told(), 1U);
  EXPECT_TRUE(parts.says("topic images does not exist on broker:9092 yet; waiting for it"));
}

TEST_F(MissingTopicsTest, SaysItOnceForAsLongAsItIsMissing) {
  check.on_missing(kTopic, "");
  check.on_missing(kTopic, "");
  EXPECT_EQ(told(), 1U);
  assigned();
  check.on_missing(kTopic, "");
  EXPECT_EQ(told(), 2U) << "it was there meanwhile";
}

TEST_F(MissingTopicsTest, FindsTheTopicInTheClientsText) {
  check.on_missing("", "Subscribed topic not available: images: Broker: Unknown topic or partition");
  EXPECT_EQ(parts.observer->events(Event::Kind::kTopicMissing).front().topic, kTopic);
}

TEST_F(MissingTopicsTest, HasTopicsCreatedWhereTheClusterDoesThat) {
  parts.client->creates_topics = true;
  check.on_missing(kTopic, "");
  EXPECT_EQ(parts.client->topics_asked, std::vector<std::string>{std::string(kTopic)});
  EXPECT_TRUE(parts.says("asking the cluster to create it"));
}

TEST_F(MissingTopicsTest, DoubtsWhatIsReadOfATopicThatIsMissing) {
  const PartitionPtr partition = parts.add(0, 5);
  check.on_missing(kTopic, "");
  EXPECT_TRUE(partition->log.doubts());
}

TEST_F(MissingTopicsTest, EndsTheMemberThatWaitedInVain) {
  missing_topic();
  check_after(29s);
  EXPECT_FALSE(parts.failure);
  check_after(1s);
  ASSERT_TRUE(parts.failure);
  EXPECT_EQ(parts.failure->code(), errc::unknown_topic);
  EXPECT_NE(std::string(parts.failure->what()).find("waited 30000 ms"), std::string::npos);
}

TEST_F(MissingTopicsTest, WaitsAMomentForATopicThatIsBeingCreated) {
  missing_topic();
  parts.client->creates_topics = true;
  parts.clock.in(31s, [&] { topic_is(RD_KAFKA_RESP_ERR_NO_ERROR); });
  check_after(30s);
  EXPECT_FALSE(parts.failure);
  EXPECT_GE(parts.clock.now(), MemberClock::time_point{} + 1h + 31s);
}

TEST_F(MissingTopicsTest, EndsTheMemberWhoseTopicIsNotCreatedEither) {
  missing_topic();
  parts.client->creates_topics = true;
  check_after(30s);
  ASSERT_TRUE(parts.failure);
  EXPECT_EQ(parts.failure->code(), errc::unknown_topic);
}

TEST_F(MissingTopicsTest, GoesOnWaitingForAGroupWhoseTopicsAreThere) {
  check_after(30s);
  EXPECT_FALSE(parts.failure);
  check_after(1h);
  EXPECT_FALSE(parts.failure);
}

TEST_F(MissingTopicsTest, EndsTheMemberThatMayNotReadTheTopic) {
  topic_is(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  check_after(30s);
  ASSERT_TRUE(parts.failure);
  EXPECT_EQ(parts.failure->code(), errc::not_authorized);
}

TEST_F(MissingTopicsTest, EndsTheMemberThatFindsNoBroker) {
  topic_is(RD_KAFKA_RESP_ERR__TRANSPORT);
  check_after(30s);
  ASSERT_TRUE(parts.failure);
  EXPECT_EQ(parts.failure->code(), errc::broker_unreachable);
}

TEST_F(MissingTopicsTest, LooksAlsoWhenOnlyOneOfItsTopicsIsMissing) {
  assigned();
  check.on_missing(kTopic, "");
  missing_topic();
  EXPECT_TRUE(check.due());
  check_after(30s);
  EXPECT_TRUE(parts.failure);
}

TEST_F(MissingTopicsTest, EndsTheMemberWhomTheBrokersRefuse) {
  for (int i = 0; i < 2; ++i) {
    parts.client->own_reporter.record_error(RD_KAFKA_RESP_ERR__AUTHENTICATION, "SASL authentication error");
  }
  check.check(parts.clock.now());
  EXPECT_FALSE(parts.failure) << "a broker that starts may refuse for a moment";
}

}  // namespace
}  // namespace conveyor::worker
