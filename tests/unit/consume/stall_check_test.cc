#include "consume/stall_check.h"

#include <gtest/gtest.h>

#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;

class StallCheckTest : public ::testing::Test {
 protected:
  /// Everything that is due in this time. @return why the client must go, if it must
  std::optional<std::string> check_for(std::chrono::milliseconds time) {
    for (const auto end = parts.clock.now() + time; parts.clock.now() < end; parts.clock.advance(100ms)) {
      if (auto why = check.check(parts.clock.now())) return why;
    }
    return {};
  }

  tests::MemberParts parts{{.stalled_after = 60s}};
  ReplacedLogCheck logs{parts.context(), *parts.wakeup, parts.make_lookup()};
  StallCheck check{parts.context(), logs, parts.make_lookup()};
  PartitionPtr partition = parts.add(0, 10);
  tests::FakeCluster::Log& log = parts.cluster.logs[0];
};

TEST_F(StallCheckTest, FindsAClientThatReadsNothingOfALogThatHasMore) {
  log.range = {0, 20};
  EXPECT_EQ(check_for(59s), std::nullopt);
  const auto why = check_for(20s);
  ASSERT_TRUE(why);
  EXPECT_NE(
      why->find(
          "images [0]: no record arrived for 60000 ms, although the log ends at offset 20 and the read position is 10"),
      std::string::npos)
      << *why;
}

TEST_F(StallCheckTest, LeavesAClientAloneThatIsAtTheEnd) {
  log.range = {0, 10};
  EXPECT_EQ(check_for(10min), std::nullopt);
}

TEST_F(StallCheckTest, LeavesAClientAloneThatGetsOn) {
  log.range = {0, 1'000};
  for (std::int64_t passed = 10; passed < 20; ++passed) {
    parts.client->passed_to[0] = passed;  // through what is not handed out
    EXPECT_EQ(check_for(50s), std::nullopt);
  }
}

TEST_F(StallCheckTest, LeavesAClientAloneWhoseRecordsAreInHand) {
  log.range = {0, 20};
  partition->tracker.read(10);
  EXPECT_EQ(check_for(10min), std::nullopt);
}

TEST_F(StallCheckTest, TakesNoSilenceForAStall) {
  log = {.range = {0, 20}, .committed = 10, .answers = false};
  EXPECT_EQ(check_for(10min), std::nullopt);
}

TEST_F(StallCheckTest, BeginsAnewForAPartitionThatWasTakenAway) {
  log.range = {0, 20};
  EXPECT_EQ(check_for(59s), std::nullopt);
  check.forget(partition->where);
  EXPECT_EQ(check_for(59s), std::nullopt);
  EXPECT_TRUE(check_for(20s));
}

TEST_F(StallCheckTest, DoubtsALogWhoseGroupHasNoOffsetAnyMore) {
  log = {.range = {0, 10}};  // as long as the old one
  EXPECT_EQ(check_for(20s), std::nullopt);
  EXPECT_TRUE(partition->log.doubts());
}

TEST_F(StallCheckTest, DoesNotDoubtALogOfWhichNothingWasCommitted) {
  const PartitionPtr fresh = parts.add(1, std::nullopt);
  parts.cluster.logs[1].range = {0, 0};
  EXPECT_EQ(check_for(20s), std::nullopt);
  EXPECT_FALSE(fresh->log.doubts());
}

TEST_F(StallCheckTest, AsksNothingWhereItIsSwitchedOff) {
  tests::MemberParts off{{.stalled_after = 0s}};
  ReplacedLogCheck its_logs{off.context(), *off.wakeup, off.make_lookup()};
  StallCheck its_check{off.context(), its_logs, off.make_lookup()};
  off.add(0, 10);
  for (int i = 0; i < 100; ++i) {
    off.clock.advance(10s);
    EXPECT_EQ(its_check.check(off.clock.now()), std::nullopt);
  }
  EXPECT_EQ(off.lookups.back()->rounds(), 0);
}

TEST_F(StallCheckTest, DropsAnswersThatAnotherClientGave) {
  log.range = {0, 20};
  EXPECT_EQ(check.check(parts.clock.now()), std::nullopt);
  EXPECT_TRUE(parts.lookups.back()->asking());
  check.forget_answers();
  EXPECT_FALSE(parts.lookups.back()->asking());
}

}  // namespace
}  // namespace conveyor::worker
