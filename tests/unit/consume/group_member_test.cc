#include "consume/group_member.h"

#include <gtest/gtest.h>

#include "support/errors.h"
#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using tests::kTopic;

/// A whole member whose client, clock and questions are fakes.
class GroupMemberTest : public ::testing::Test {
 protected:
  explicit GroupMemberTest(MemberOptions given = {.commit_interval = 1s}) : parts(std::move(given)) {}

  MemberEnvironment environment() {
    return {.clock = std::shared_ptr<MemberClock>(std::shared_ptr<void>(), &parts.clock),
            .wakeup = parts.wakeup,
            .make_client =
                [this] {
                  if (cannot_make) throw Error(errc::invalid_config, "no such file");
                  clients.push_back(std::make_shared<tests::FakeConsumerClient>(parts.clock, parts.cluster));
                  return clients.back();
                },
            .check_client =
                [this] {
                  if (cannot_make) throw Error(errc::invalid_config, "no such file");
                },
            .make_lookup =
                [this](const ClientSlot&) { return std::make_unique<tests::FakeLookup>(parts.clock, parts.cluster); },
            .random = [] { return 0.5; }};
  }
  tests::FakeConsumerClient& client() { return *clients.back(); }
  /// Rounds of the member for so long. What it reads is finished at once if `handles`.
  void run_for(std::chrono::milliseconds time) {
    for (const auto end = parts.clock.now() + time; parts.clock.now() < end; parts.clock.advance(10ms)) {
      member.run_once();
      if (handles) finish_all();
    }
  }
  void finish_all() {
    for (auto& one : receiver.kept) {
      handled.push_back(one.offset);
      member.finish(receipt_for(std::move(one)));
    }
    receiver.kept.clear();
  }
  /// Lets it end. @return why, if it failed
  tests::Thrown end(std::chrono::milliseconds drain = 5s) {
    std::stop_source stopped;
    stopped.request_stop();
    return tests::thrown_by([&] { member.run(stopped.get_token(), drain); });
  }
  std::vector<std::int64_t> committed() { return client().committed_offsets(0); }

  tests::MemberParts parts;
  tests::KeepingReceiver receiver;
  bool handles = true;
  bool cannot_make = false;
  std::vector<std::int64_t> handled;
  std::vector<std::shared_ptr<tests::FakeConsumerClient>> clients;
  GroupMember member{parts.config, parts.options, receiver, environment()};
};

TEST_F(GroupMemberTest, ReadsHandlesAndCommits) {
  client().assign({{0, {}}});
  client().records(0, 0, 100);
  run_for(1500ms);
  EXPECT_EQ(handled.size(), 100U);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{100}));
  EXPECT_EQ(member.counters().handled, 100U);
  EXPECT_EQ(member.counters().in_flight, 0U);
  EXPECT_EQ(member.counters().partitions, 1U);
}

TEST_F(GroupMemberTest, EndsWithEverythingCommittedAndTheGroupLeft) {
  client().assign({{0, {}}});
  client().records(0, 0, 10);
  run_for(20ms);
  EXPECT_FALSE(end().code);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{10}));
  EXPECT_EQ(client().left, 1);
  EXPECT_TRUE(member.all_committed());
  EXPECT_EQ(member.left(), 0U);
}

TEST_F(GroupMemberTest, SaysWhatItLeavesUnfinished) {
  handles = false;
  client().assign({{0, {}}});
  client().records(0, 0, 3);
  run_for(20ms);
  end(1s);
  EXPECT_EQ(member.left(), 3U);
  EXPECT_TRUE(committed().empty());
}

TEST_F(GroupMemberTest, SaysThatLeavingWasNotConfirmed) {
  client().leaves_in_time = false;
  end();
  EXPECT_TRUE(parts.says("leaving the group was not confirmed in time"));
}

TEST_F(GroupMemberTest, SleepsUntilSomethingIsDue) {
  client().assign({{0, {}}});
  std::stop_source stop;
  parts.clock.in(10s, [&] { stop.request_stop(); });
  member.run(stop.get_token(), 1s);
  EXPECT_GE(parts.clock.now(), MemberClock::time_point{} + 1h + 10s);
}

TEST_F(GroupMemberTest, EndsWhereItMayNotRead) {
  handles = false;
  client().assign({{0, {}}});
  client().records(0, 0, 1);
  run_for(20ms);
  client().error(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "not authorized");
  member.run_once();
  const auto began = parts.clock.now();
  const auto thrown = end(1h);
  EXPECT_EQ(thrown.code, errc::not_authorized);
  EXPECT_TRUE(tests::contains(thrown.text, "(topics images)")) << thrown.text;
  EXPECT_TRUE(tests::contains(thrown.text, "check the rights of this user")) << thrown.text;
  EXPECT_LT(parts.clock.now() - began, 10s) << "what it has in hand can never be committed";
}

TEST_F(GroupMemberTest, EndsWhereTheGroupDoesNotTakeIt) {
  client().error(RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL, "inconsistent protocol");
  member.run_once();
  EXPECT_EQ(end().code, errc::invalid_config);
}

TEST_F(GroupMemberTest, GoesOnAfterErrorsThatPass) {
  client().error(RD_KAFKA_RESP_ERR__TRANSPORT, "connection refused");
  client().error(RD_KAFKA_RESP_ERR_UNKNOWN, "something", std::string(kTopic));
  client().error(RD_KAFKA_RESP_ERR__PARTITION_EOF, "end", std::string(kTopic));
  client().assign({{0, {}}});
  client().records(0, 0, 5);
  run_for(100ms);
  EXPECT_EQ(handled.size(), 5U);
  EXPECT_EQ(parts.observer->events(Event::Kind::kClientError).size(), 1U) << "the one about a topic";
}

TEST_F(GroupMemberTest, ReplacesAClientThatCannotGoOn) {
  client().assign({{0, {}}});
  client().records(0, 0, 5);
  run_for(20ms);
  client().has_failed = true;
  client().error(RD_KAFKA_RESP_ERR__FATAL, "fenced");
  run_for(200ms);
  ASSERT_EQ(clients.size(), 2U);
  EXPECT_EQ(clients.front()->left, 1);
  EXPECT_EQ(member.counters().recoveries, 1U);
  EXPECT_EQ(parts.observer->events(Event::Kind::kLost).size(), 1U);
  EXPECT_EQ(parts.observer->events(Event::Kind::kRecovered).size(), 1U);
  client().assign({{0, {}}});
  client().records(0, 0, 5);
  run_for(20ms);
  EXPECT_EQ(handled.size(), 10U) << "what was not committed comes again";
}

TEST_F(GroupMemberTest, KeepsWhatItHasWhileNoOtherClientCanBeMade) {
  client().assign({{0, {}}});
  cannot_make = true;
  client().error(RD_KAFKA_RESP_ERR__FATAL, "fenced");
  run_for(1s);
  EXPECT_EQ(clients.size(), 1U);
  EXPECT_EQ(member.counters().partitions, 1U);
  EXPECT_TRUE(parts.says("no such file"));
  cannot_make = false;
  run_for(10s);
  EXPECT_EQ(clients.size(), 2U);
}

TEST_F(GroupMemberTest, CommitsBeforeItReplacesAClientThatOnlyStandsStill) {
  client().assign({{0, {}}});
  client().records(0, 0, 5);
  run_for(20ms);
  parts.cluster.logs[0].range = {0, 50};
  run_for(3min);
  ASSERT_EQ(clients.size(), 2U);
  EXPECT_EQ(clients.front()->committed_offsets(0).back(), 5);
  EXPECT_TRUE(parts.says("images [0]: no record arrived for 60000 ms"));
}

TEST_F(GroupMemberTest, WaitsForAnInstanceIdOfAProcessThatWasKilled) {
  constexpr auto kUnreleasedInstanceId = static_cast<rd_kafka_resp_err_t>(111);
  for (int i = 0; i < 4; ++i) {
    client().error(kUnreleasedInstanceId, "in use");
    run_for(10s);
    EXPECT_EQ(clients.size(), static_cast<std::size_t>(i) + 2) << "another client is made";
  }
  client().error(kUnreleasedInstanceId, "in use");
  run_for(10s);
  client().error(kUnreleasedInstanceId, "in use");
  run_for(100ms);
  EXPECT_EQ(end().code, errc::fatal);
}

TEST_F(GroupMemberTest, WaitsShortlyForANewClientWhereTheOneBeforeHadRead) {
  for (int i = 0; i < 6; ++i) {
    client().error(RD_KAFKA_RESP_ERR__FATAL, "fenced");
    run_for(1min);
  }
  client().assign({{0, {}}});
  client().records(0, 0, 1);
  client().among_records(0, RD_KAFKA_RESP_ERR__FATAL, 1);  // in the same turn
  const auto replaced = clients.size();
  run_for(200ms);
  EXPECT_EQ(clients.size(), replaced + 1);
}

TEST_F(GroupMemberTest, TellsThatTheGroupWentOnWithoutIt) {
  client().assign({{0, {}}});
  client().revoke({0}, true);
  run_for(20ms);
  EXPECT_TRUE(parts.says("the group continued without this member"));
}

TEST_F(GroupMemberTest, GoesBackWhereABrokerThatLagsSentItToTheBeginning) {
  client().assign({{0, {.committed = 10, .start = 10}}});
  parts.cluster.logs[0] = {.range = {0, 15}, .committed = 10};
  client().records(0, 0, 3);  // from a broker that had nothing at 10
  run_for(50ms);
  EXPECT_TRUE(handled.empty()) << "they were handled before";
  ASSERT_EQ(client().seeks, (std::vector<std::pair<std::int32_t, std::int64_t>>{{0, 10}}));
  client().records(0, 10, 15);
  run_for(50ms);
  EXPECT_EQ(handled, (std::vector<std::int64_t>{10, 11, 12, 13, 14}));
}

TEST_F(GroupMemberTest, ReadsATopicThatWasRecreatedFromItsBeginning) {
  client().assign({{0, {.committed = 10, .start = 10}}});
  parts.cluster.logs[0] = {.range = {0, 3}};
  client().records(0, 0, 3);
  run_for(2s);
  ASSERT_EQ(client().seeks.size(), 1U);
  EXPECT_EQ(client().seeks.front().second, 0);
  client().records(0, 0, 3);
  run_for(2s);
  EXPECT_EQ(handled, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(committed().back(), 3);
  EXPECT_EQ(parts.observer->events(Event::Kind::kLogReplaced).size(), 1U);
}

TEST_F(GroupMemberTest, TellsAnErrorOfAPartitionAndReadsOn) {
  client().assign({{0, {}}});
  client().among_records(0, RD_KAFKA_RESP_ERR__BAD_MSG, 0, "bad batch");
  client().records(0, 1, 2);
  run_for(20ms);
  ASSERT_EQ(parts.observer->events(Event::Kind::kClientError).size(), 1U);
  EXPECT_EQ(parts.observer->events(Event::Kind::kClientError).front().partition, 0);
  EXPECT_EQ(handled, (std::vector<std::int64_t>{1}));
}

TEST_F(GroupMemberTest, EndsAtAnErrorOfRightsAmongTheRecords) {
  client().assign({{0, {}}});
  client().among_records(0, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 0);
  run_for(20ms);
  EXPECT_EQ(end().code, errc::not_authorized);
}

TEST_F(GroupMemberTest, DoesNotCommitWhatItGivesUp) {
  handles = false;
  client().assign({{0, {}}});
  client().records(0, 0, 3);
  run_for(20ms);
  member.finish(receipt_for(receiver.kept[0]));
  member.give_up(receipt_for(receiver.kept[1]));
  member.finish(receipt_for(receiver.kept[2]));
  receiver.kept.clear();
  run_for(3s);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{1}));
  const auto began = parts.clock.now();
  end(1h);
  EXPECT_LT(parts.clock.now() - began, 10s) << "nobody waits for what was given up";
}

TEST_F(GroupMemberTest, EveryRecordIsCommittedOrComesAgainThroughRebalances) {
  std::map<std::int64_t, int> times;
  std::int64_t next = 0;
  for (int round = 0; round < 50; ++round) {
    const auto from = parts.cluster.logs[0].committed.value_or(0);
    client().assign({{0, {.committed = parts.cluster.logs[0].committed, .start = from}}});
    client().records(0, from, from + 20);
    run_for(round % 3 == 0 ? 10ms : 1500ms);
    client().revoke({0}, round % 4 == 3);
    run_for(10ms);
    for (const std::int64_t offset : handled) ++times[offset];
    handled.clear();
    client().is_lost = false;
    next = parts.cluster.logs[0].committed.value_or(0);
    for (std::int64_t offset = 0; offset < next; ++offset) EXPECT_GE(times[offset], 1) << offset;
  }
  EXPECT_GT(next, 500);
}

class GroupMemberThatWatches : public GroupMemberTest {
 protected:
  GroupMemberThatWatches()
      : GroupMemberTest({.commit_interval = 1s, .commit_metadata = true, .crash_attempts = 3, .crash_probation = 10s}) {
  }
};

TEST_F(GroupMemberThatWatches, BeginsNothingBeforeACommitSaysSo) {
  client().commits_are_held = true;
  client().assign({{0, {}}});
  client().records(0, 0, 5);
  run_for(5s);
  EXPECT_TRUE(handled.empty());
  client().commits_are_held = false;
  run_for(100ms);
  EXPECT_EQ(handled.size(), 5U);
}

TEST_F(GroupMemberThatWatches, HandlesOneAtATimeAfterADeath) {
  handles = false;
  const CommitMetadata metadata{.run = 5, .offset = 0, .open = true, .lease_end = 10};
  parts.cluster.logs[0] = {.range = {0, 100}, .committed = 0};
  client().assign({{0, {.committed = 0, .start = 0, .metadata = encode(metadata)}}});
  client().records(0, 0, 20);
  run_for(1s);
  EXPECT_EQ(receiver.offsets(), (std::vector<std::int64_t>{0}));
  for (int i = 1; i < 10; ++i) {
    finish_all();
    run_for(3s);
    EXPECT_EQ(receiver.offsets(), (std::vector<std::int64_t>{i}));
  }
  finish_all();
  run_for(3s);
  EXPECT_EQ(receiver.offsets().size(), 10U) << "what was not in its hands comes together";
}

// Compaction, or markers of transactions.
TEST_F(GroupMemberThatWatches, GoesOnWhereTheLogSkipsTheRestOfWhatMayHaveKilled) {
  const CommitMetadata metadata{.run = 5, .offset = 0, .open = true, .lease_end = 10};
  parts.cluster.logs[0] = {.range = {0, 100}, .committed = 0};
  client().assign({{0, {.committed = 0, .start = 0, .metadata = encode(metadata)}}});
  client().records(0, 0, 5);
  client().records(0, 12, 20);
  run_for(30s);
  EXPECT_EQ(handled.size(), 13U);
  EXPECT_EQ(committed().back(), 20);
}

TEST_F(GroupMemberThatWatches, SaysNothingInACommitBeforeItKnowsWhatMayHaveKilled) {
  const CommitMetadata metadata{.run = 5, .offset = 0, .open = true, .lease_end = 10};
  parts.cluster.answers_after = 2s;
  parts.cluster.logs[0] = {.range = {0, 100}, .committed = 0};
  client().assign({{0, {.committed = 0, .start = 0, .metadata = encode(metadata)}}, {1, {}}});
  client().records(0, 0, 5);
  client().records(1, 0, 5);
  run_for(1500ms);
  EXPECT_EQ(handled.size(), 5U) << "of the other partition";
  EXPECT_TRUE(committed().empty());
  run_for(30s);
  EXPECT_EQ(handled.size(), 10U);
}

}  // namespace
}  // namespace conveyor::worker
