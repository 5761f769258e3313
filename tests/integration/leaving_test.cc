// Members that leave in an orderly way where everything takes long: what they did is committed, and they end well.

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "consume/group_member.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "kafka/group_consumer.h"
#include "kafka/handle.h"
#include "support/broker.h"
#include "support/group_consumer_of.h"
#include "support/mock_broker.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

class Leaving : public MockBrokerTest {};

TEST_F(Leaving, AWorkerThatIsStoppedBeforeItHasBegunEndsWell) {
  const auto in = new_channel<Image>(1);
  create_topic(std::string(in.topic()) + "-dlt", 1);
  rd_kafka_mock_broker_set_rtt(cluster(), -1, 3'000);
  Worker worker(new_config(), {.dead_letter = {.enabled = true}});
  worker.handle(in, [](const Message<Image>&) {});
  RunningWorker running(worker);
  EXPECT_FALSE(running.ended(300ms)) << "it waits for its dead letters' topic";
  EXPECT_EQ(running.stop().handled, 0U);
}

class Finishing : public worker::Receiver {
 public:
  void receive(std::span<worker::Incoming> incoming) override {
    for (auto& one : incoming) member->finish(worker::receipt_for(std::move(one)));
  }
  std::size_t drop(const worker::Partition&) override { return 0; }
  worker::GroupMember* member = nullptr;
};

// Any change of the subscription makes a member join anew.
void join_anew(const worker::GroupMember& member, const std::string& topic, const std::string& another) {
  const kafka::PartitionList topics{rd_kafka_topic_partition_list_new(2)};
  for (const auto& each : {topic, another}) {
    rd_kafka_topic_partition_list_add(topics.get(), each.c_str(), RD_KAFKA_PARTITION_UA);
  }
  ASSERT_EQ(rd_kafka_subscribe(group_consumer_of(member)->handle(), topics.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_F(Leaving, WhatIsDoneIsCommittedBeforeAPartitionIsGivenBack) {
  constexpr int kRecords = 100;
  const std::string topic = unique_name("topic");
  const std::string another = unique_name("topic");
  create_topic(topic, 1);
  create_topic(another, 1);
  const Config config = new_config();
  write_raw(topic, std::vector<RawRecord>(kRecords, {.value = "value"}));
  Finishing receiver;
  worker::GroupMember member(config, {.topics = {topic}, .commit_interval = 1h}, receiver);
  receiver.member = &member;
  std::jthread thread([&](const std::stop_token& stop) { member.run(stop, 30s); });
  ASSERT_TRUE(eventually([&] { return member.counters().handled == kRecords; }, 30s));
  EXPECT_EQ(committed_offset(config.group, topic, 0), -1);
  join_anew(member, topic, another);
  EXPECT_TRUE(eventually([&] { return committed_offset(config.group, topic, 0) == kRecords; }, 30s));
}

// While the group waits for one that does not rejoin, nobody is told its place. The mock waits for almost
// session.timeout.ms whenever somebody joins, whoever has rejoined. So the member is alone: of several, the mock throws
// out whose SyncGroup comes after the leader's, and takes no commits while that one joins again. Kafka does neither.
class LeavingInARebalance : public Leaving {
 protected:
  void stop_in_a_long_one(rd_kafka_resp_err_t first_commit);
};

void LeavingInARebalance::stop_in_a_long_one(rd_kafka_resp_err_t first_commit) {
  constexpr int kRecords = 100;
  const std::string topic = unique_name("topic");
  const std::string another = unique_name("topic");
  create_topic(topic, 1);
  create_topic(another, 1);
  Config config = new_config();
  config.properties["partition.assignment.strategy"] = "cooperative-sticky";
  config.properties["session.timeout.ms"] = "12000";
  write_raw(topic, std::vector<RawRecord>(kRecords, {.value = "value"}));

  Finishing receiver;
  worker::GroupMember member(config, {.topics = {topic}, .commit_interval = 1h}, receiver);
  receiver.member = &member;
  std::jthread thread([&](const std::stop_token& stop) { member.run(stop, 30s); });
  ASSERT_TRUE(eventually([&] { return member.counters().handled == kRecords; }, 30s));
  ASSERT_FALSE(member.client()->joining());
  join_anew(member, topic, another);
  ASSERT_TRUE(eventually([&] { return member.client()->joining(); }, 30s));
  EXPECT_EQ(committed_offset(config.group, topic, 0), -1);
  const bool refused = first_commit != RD_KAFKA_RESP_ERR_NO_ERROR;
  constexpr std::int16_t kOffsetCommit = 8;  // https://kafka.apache.org/protocol#protocol_api_keys
  if (refused) rd_kafka_mock_push_request_errors(cluster(), kOffsetCommit, 1, first_commit);
  const auto left_after = time_of([&] {
    thread.request_stop();
    thread.join();
  });
  EXPECT_GT(left_after, 6s) << "the group took long";
  EXPECT_EQ(committed_offset(config.group, topic, 0), kRecords);
  EXPECT_TRUE(member.all_committed());
  EXPECT_EQ(member.counters().commit_errors, refused ? 1U : 0U);
}

TEST_F(LeavingInARebalance, WhatIsDoneIsCommittedHoweverLongTheGroupTakes) {
  stop_in_a_long_one(RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_F(LeavingInARebalance, WhatIsDoneIsCommittedAgainWhereTheGroupHadGoneOn) {
  if (rd_kafka_version() < 0x020a00ff)
    GTEST_SKIP() << "it forgets its generation; JoinWatch does not let it come to that";
  stop_in_a_long_one(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION);
}

}  // namespace
}  // namespace conveyor::tests
