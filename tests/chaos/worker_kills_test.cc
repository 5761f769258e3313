// Workers of a group that are killed at random points, and started again at once.

#include <gtest/gtest.h>

#include <iostream>

#include "chaos/scenario.h"
#include "support/broker.h"

namespace conveyor::tests {
namespace {

Outcome run(KillWorkersOptions options) {
  options.seed = seed_of_run();
  std::cout << "seed " << options.seed << std::endl;
  Outcome outcome = kill_workers(bootstrap_servers(), options);
  std::cout << outcome << std::endl;
  EXPECT_EQ(outcome.sends.delivered, static_cast<std::uint64_t>(options.messages));
  EXPECT_EQ(outcome.missing, 0);
  EXPECT_EQ(outcome.dead_letters, 0) << "a record was taken for what killed its worker";
  EXPECT_EQ(outcome.bad_exits, 0);
  EXPECT_EQ(outcome.lost_sessions, 0) << "the machine is too busy for session.timeout.ms";
  EXPECT_LE(outcome.duplicates, outcome.duplicates_allowed);
  EXPECT_LE(outcome.largest_backlog, outcome.backlog_limit);
  return outcome;
}

TEST(WorkerKills, NothingIsMissingAndOnlyWhatWasInFlightIsAnsweredAgain) {
  EXPECT_EQ(run({.order = "partition"}).out_of_order, 0);
}

TEST(WorkerKills, TheSameWhereRecordsOfAPartitionAreFinishedOutOfOrder) {
  run({.messages = 20'000, .kills = 3, .order = "unordered"});
}

TEST(WorkerKills, NothingIsMissingNorAnsweredTwiceInTransactions) {
  const Outcome outcome = run({.messages = 20'000, .kills = 4, .exactly_once = true});
  EXPECT_EQ(outcome.duplicates, 0);
  EXPECT_EQ(outcome.out_of_order, 0);
}

}  // namespace
}  // namespace conveyor::tests
