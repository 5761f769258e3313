// Members of a group that come and go.

#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "chaos/scenario.h"
#include "chaos/stage.h"
#include "support/broker.h"
#include "support/group_protocol.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

/// What holds after each.
Outcome storm(const StormOptions& options) {
  std::cout << "seed " << options.seed << std::endl;
  Outcome outcome = rebalance_storm(bootstrap_servers(), options);
  std::cout << outcome << std::endl;
  EXPECT_EQ(outcome.sends.delivered, static_cast<std::uint64_t>(outcome.messages));
  EXPECT_EQ(outcome.missing, 0);
  EXPECT_EQ(outcome.bad_exits, 0);
  return outcome;
}

void survive_a_storm(const std::string& strategy) {
  const Outcome outcome = storm({.strategy = strategy, .seed = seed_of_run()});
  EXPECT_EQ(outcome.out_of_order, 0);
  EXPECT_EQ(outcome.dead_letters, 0);
}

TEST(RebalanceStorm, LosesNothingWhenPartitionsAreTakenFromAll) { survive_a_storm("range"); }
TEST(RebalanceStorm, LosesNothingWhenOnlyPartitionsThatMoveAreTaken) { survive_a_storm("cooperative-sticky"); }

// librdkafka tells late that it has asked to join: commits that are begun meanwhile go behind that, and belong to a
// generation that is over when the broker gets to them.
TEST(Deployment, DoublesNothingWhereAMemberHearsLateThatItJoins) {
  if (uses_consumer_protocol()) GTEST_SKIP() << "nobody joins with it";
  constexpr int kMessages = 12'000;
  const Stage stage(bootstrap_servers(), "late");
  ServiceOptions options = stage.service();
  set_session_timeout(options.properties, "10000");
  options.properties["partition.assignment.strategy"] = "cooperative-sticky";
  options.properties["plugin.library.paths"] = LATE_JOIN_PLUGIN;
  options.commit_interval = 10ms;
  OutputLog log(stage.bootstrap, stage.output, Stage::kPartitions);
  Service stays("stays", options, stage.log_of("stays"));
  const auto all = static_cast<std::size_t>(Stage::kPartitions);
  ASSERT_TRUE(eventually([&] { return stays.partitions().size() == all; }, 30s)) << stays.log();
  Sender sender(stage.config(), stage.input, {.messages = kMessages, .per_second = 1'000});
  for (int i = 0; i < 2; ++i) {
    Service comes("comes" + std::to_string(i), options, stage.log_of("comes" + std::to_string(i)));
    ASSERT_TRUE(eventually([&] { return comes.partitions().size() == all / 2; }, 30s)) << comes.log();
    EXPECT_EQ(comes.stop(), 0) << comes.log();
    ASSERT_TRUE(eventually([&] { return stays.partitions().size() == all; }, 30s)) << stays.log();
    EXPECT_TRUE(comes.events("lost").empty()) << comes.log();
  }
  EXPECT_EQ(sender.finish(60s).delivered, static_cast<std::uint64_t>(kMessages));
  EXPECT_TRUE(log.wait_for(kMessages, 60s)) << stays.log();
  EXPECT_EQ(stays.stop(), 0) << stays.log();
  EXPECT_TRUE(stays.events("lost").empty()) << stays.log();
  const Tally& tally = log.finish(60s);
  EXPECT_EQ(tally.missing(kMessages), 0);
  EXPECT_EQ(tally.duplicates(), 0) << stays.log();
}

// Nobody dies and no session ends: what is answered twice was answered by a member that gave its partition back in an
// orderly way.
void deploy_without_time(const std::string& strategy) {
  const Outcome outcome = storm({.strategy = strategy,
                                 .length = 30s,
                                 .per_second = 300,
                                 .seed = seed_of_run(),
                                 .every = 5s,
                                 .awake_percent = 10});
  EXPECT_EQ(outcome.lost_sessions, 0);
  EXPECT_EQ(outcome.duplicates, 0);
}

TEST(Deployment, DoublesNothingWhereMembersHaveNoTimeAndGiveAllBack) { deploy_without_time("range"); }
TEST(Deployment, DoublesNothingWhereMembersHaveNoTimeAndKeepWhatTheyCan) { deploy_without_time("cooperative-sticky"); }

TEST(StaticMember, GetsItsPartitionsBackAndTheOthersDoNotNotice) {
  constexpr int kMessages = 12'000;
  const Stage stage(bootstrap_servers(), "static");
  ServiceOptions options = stage.service();
  set_session_timeout(options.properties, "10000");
  OutputLog log(stage.bootstrap, stage.output, Stage::kPartitions);
  options.properties["group.instance.id"] = "first";
  Service first("first", options, stage.log_of("first"));
  options.properties["group.instance.id"] = "second";
  Service second("second", options, stage.log_of("second"));
  const auto half = static_cast<std::size_t>(Stage::kPartitions) / 2;
  ASSERT_TRUE(eventually([&] { return first.partitions().size() == half && second.partitions().size() == half; }, 30s))
      << first.log() << second.log();
  const std::set<int> of_second = second.partitions();
  const std::size_t assigned = first.events("assigned").size();
  const std::size_t revoked = first.events("revoked").size();
  Sender sender(stage.config(), stage.input, {.messages = kMessages, .per_second = 3'000});

  ASSERT_TRUE(log.wait_for(kMessages / 4, 30s));
  second.kill();
  second.start();
  ASSERT_TRUE(eventually([&] { return second.partitions() == of_second; }, 30s)) << second.log();
  ASSERT_TRUE(log.wait_for(kMessages / 2, 30s)) << second.log();
  const auto killed = log.different();
  EXPECT_EQ(second.stop(), 0) << second.log();
  second.start();
  ASSERT_TRUE(eventually([&] { return second.partitions() == of_second; }, 30s)) << second.log();

  EXPECT_EQ(sender.finish(60s).delivered, static_cast<std::uint64_t>(kMessages));
  EXPECT_TRUE(log.wait_for(kMessages, 60s)) << second.log();
  EXPECT_EQ(first.events("assigned").size(), assigned) << first.log();
  EXPECT_EQ(first.events("revoked").size(), revoked) << first.log();
  EXPECT_EQ(first.stop(), 0) << first.log();
  EXPECT_EQ(second.stop(), 0) << second.log();
  EXPECT_EQ(first.events("lost").size() + second.events("lost").size(), 0U) << first.log() << second.log();
  const Tally& tally = log.finish(60s);
  EXPECT_EQ(tally.missing(kMessages), 0);
  EXPECT_EQ(tally.out_of_order(), 0);
  std::printf("static members: %d answers, %d duplicates; clean stop after %d\n", tally.different(), tally.duplicates(),
              killed);
}

}  // namespace
}  // namespace conveyor::tests
