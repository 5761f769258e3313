// Brokers that are killed and frozen under a producer and a service that go on.

#include <gtest/gtest.h>

#include <iostream>

#include "chaos/scenario.h"

namespace conveyor::tests {
namespace {

Outcome run(KillBrokersOptions options) {
  options.seed = seed_of_run();
  std::cout << "seed " << options.seed << std::endl;
  KafkaCluster kafka({.brokers = 3});
  Outcome outcome = kill_brokers(kafka, options);
  std::cout << outcome << std::endl;
  EXPECT_EQ(outcome.sends.delivered, static_cast<std::uint64_t>(options.messages));
  EXPECT_EQ(outcome.sends.failed, 0U);
  EXPECT_EQ(outcome.sends.not_resolved_once, 0);
  EXPECT_EQ(outcome.missing, 0);
  EXPECT_EQ(outcome.out_of_order, 0);
  EXPECT_EQ(outcome.dead_letters, 0);
  EXPECT_EQ(outcome.bad_exits, 0);
  return outcome;
}

TEST(BrokerKills, NothingIsMissingWhileBrokersAreKilledInTurnAndOneIsFrozen) { run({}); }

TEST(BrokerKills, NothingIsAnsweredTwiceInTransactions) { EXPECT_EQ(run({.exactly_once = true}).duplicates, 0); }

}  // namespace
}  // namespace conveyor::tests
