#include "consume/replaced_log_check.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;

class ReplacedLogCheckTest : public ::testing::Test {
 protected:
  explicit ReplacedLogCheckTest(MemberOptions options = {.shorter_log_after = 30s}) : parts(std::move(options)) {}

  /// Asks and takes answers for so long. @return what is to be done
  ReplacedLogCheck::Answers ask_for(std::chrono::milliseconds time) {
    ReplacedLogCheck::Answers all;
    for (const auto end = parts.clock.now() + time; parts.clock.now() < end; parts.clock.advance(10ms)) {
      auto some = check.take_answers(parts.clock.now());
      all.any = all.any || some.any;
      std::ranges::move(some.replaced, std::back_inserter(all.replaced));
      std::ranges::move(some.seek_back, std::back_inserter(all.seek_back));
      check.ask(parts.clock.now());
    }
    return all;
  }
  tests::FakeLookup& about_doubts() { return *parts.lookups[0]; }
  tests::FakeLookup& before_commits() { return *parts.lookups[1]; }
  std::vector<kafka::OffsetToCommit> commit_of(const PartitionPtr& of) const { return {{of->where, 20, {}}}; }

  tests::MemberParts parts;
  ReplacedLogCheck check{parts.context(), *parts.wakeup, parts.make_lookup()};
  PartitionPtr partition = parts.add(0, 10);
  tests::FakeCluster::Log& log = parts.cluster.logs[0];
};

TEST_F(ReplacedLogCheckTest, AsksNothingWithoutADoubt) {
  EXPECT_FALSE(ask_for(10s).any);
  EXPECT_EQ(about_doubts().rounds(), 0);
}

TEST_F(ReplacedLogCheckTest, GoesBackWhereABrokerLaggedBehind) {
  log = {.range = {0, 20}, .committed = 10};
  check.doubt(*partition, &ReplacedLogWatch::rewound);
  const auto answers = ask_for(1s);
  ASSERT_EQ(answers.seek_back.size(), 1U);
  EXPECT_EQ(answers.seek_back.front().partition, partition);
  EXPECT_EQ(answers.seek_back.front().position, 10);
  EXPECT_TRUE(answers.replaced.empty());
  EXPECT_FALSE(partition->log.doubts());
  EXPECT_TRUE(parts.says("a broker that lags behind denied offset 10"));
}

TEST_F(ReplacedLogCheckTest, StartsOverWhereTheGroupsOffsetIsGoneTwice) {
  log = {.range = {0, 50}};
  check.doubt(*partition, &ReplacedLogWatch::rewound);
  const auto answers = ask_for(2s);
  ASSERT_EQ(answers.replaced.size(), 1U);
  EXPECT_EQ(answers.replaced.front().position, 10);
  EXPECT_EQ(answers.replaced.front().log.end, 50);
  EXPECT_FALSE(answers.replaced.front().committed);
  EXPECT_EQ(about_doubts().rounds(), 2);
}

TEST_F(ReplacedLogCheckTest, WaitsForALogThatMayOnlyBeShorterForAWhile) {
  log = {.range = {0, 5}, .committed = 10};
  check.doubt(*partition, &ReplacedLogWatch::rewound);
  EXPECT_TRUE(ask_for(20s).replaced.empty());
  EXPECT_TRUE(parts.says("the log ends at offset 5, below the read position 10"));
  for (const std::size_t replaced : {0U, 1U}) {
    check.doubt(*partition, &ReplacedLogWatch::rewound);  // it comes again from its beginning
    EXPECT_EQ(ask_for(20s).replaced.size(), replaced);
  }
}

TEST_F(ReplacedLogCheckTest, SaysOnceThatALogIsShorter) {
  log = {.range = {0, 5}, .committed = 10};
  for (int i = 0; i < 3; ++i) {
    check.doubt(*partition, &ReplacedLogWatch::rewound);
    EXPECT_EQ(ask_for(1s).seek_back.size(), 1U);
  }
  const auto lines = parts.observer->lines();
  EXPECT_EQ(std::ranges::count_if(lines, [](const auto& line) { return line.find("the log ends") != line.npos; }), 1);
}

TEST_F(ReplacedLogCheckTest, StaysInDoubtWhileNobodyAnswers) {
  log = {.range = {0, 20}, .committed = 10, .answers = false};
  check.doubt(*partition, &ReplacedLogWatch::missing);
  EXPECT_TRUE(ask_for(30s).replaced.empty());
  EXPECT_TRUE(partition->log.doubts());
  EXPECT_EQ(about_doubts().last_within(), 8s) << "each question that stays open is given twice as long";
  log.answers = true;
  ask_for(10s);
  EXPECT_FALSE(partition->log.doubts());
}

TEST_F(ReplacedLogCheckTest, DoubtsAllPartitionsOfATopic) {
  const PartitionPtr other = parts.add(1, 10);
  check.doubt_topic("of somebody else");
  EXPECT_FALSE(partition->log.doubts());
  check.doubt_topic(tests::kTopic);
  EXPECT_TRUE(partition->log.doubts() && other->log.doubts());
}

TEST_F(ReplacedLogCheckTest, AsksNothingWhileACommitIsOnItsWay) {
  log = {.range = {0, 20}, .committed = 10};
  parts.client->commits_are_held = true;
  parts.client->commit(commit_of(partition), kafka::OffsetCommits::WhileJoining::kDoNot);
  check.doubt(*partition, &ReplacedLogWatch::rewound);
  ask_for(1s);
  EXPECT_EQ(about_doubts().rounds(), 0) << "it would find what is being committed";
}

TEST_F(ReplacedLogCheckTest, DropsAnAnswerAboutAPartitionThatWentMeanwhile) {
  log = {.range = {0, 50}};
  check.doubt(*partition, &ReplacedLogWatch::rewound);
  check.ask(parts.clock.now());
  parts.partitions.clear();
  const auto answers = ask_for(1s);
  EXPECT_TRUE(answers.any);
  EXPECT_TRUE(answers.replaced.empty());
}

TEST_F(ReplacedLogCheckTest, CommitsAtOnceWhatWasNeverCommitted) {
  const PartitionPtr fresh = parts.add(1, std::nullopt);
  auto offsets = commit_of(fresh);
  EXPECT_FALSE(check.leave_out_unverified(offsets, parts.clock.now()));
  EXPECT_EQ(offsets.size(), 1U);
  EXPECT_EQ(before_commits().rounds(), 0);
}

TEST_F(ReplacedLogCheckTest, AsksBeforeACommitAndLetsItGoAfterTheAnswer) {
  auto offsets = commit_of(partition);
  EXPECT_FALSE(check.leave_out_unverified(offsets, parts.clock.now()));
  EXPECT_TRUE(offsets.empty());
  EXPECT_TRUE(ask_for(100ms).any);
  offsets = commit_of(partition);
  EXPECT_FALSE(check.leave_out_unverified(offsets, parts.clock.now()));
  EXPECT_EQ(offsets.size(), 1U);
  EXPECT_EQ(before_commits().rounds(), 1);
}

TEST_F(ReplacedLogCheckTest, HoldsUpNobodyElsesCommit) {
  const PartitionPtr fresh = parts.add(1, std::nullopt);
  auto offsets = commit_of(partition);
  offsets.push_back({fresh->where, 3, {}});
  static_cast<void>(check.leave_out_unverified(offsets, parts.clock.now()));
  ASSERT_EQ(offsets.size(), 1U);
  EXPECT_EQ(offsets.front().where, fresh->where);
}

TEST_F(ReplacedLogCheckTest, DoubtsWhatTheGroupHasNoOffsetOfBeforeACommit) {
  log.committed.reset();
  auto offsets = commit_of(partition);
  static_cast<void>(check.leave_out_unverified(offsets, parts.clock.now()));
  parts.clock.advance(10ms);
  static_cast<void>(check.take_answers(parts.clock.now()));
  EXPECT_TRUE(partition->log.doubts());
}

TEST_F(ReplacedLogCheckTest, AsksInAMomentWhereTheQuestionWasRefusedAtOnce) {
  log.answers = false;
  auto offsets = commit_of(partition);
  static_cast<void>(check.leave_out_unverified(offsets, parts.clock.now()));
  before_commits().forget();  // refused
  offsets = commit_of(partition);
  EXPECT_TRUE(check.leave_out_unverified(offsets, parts.clock.now() + 10ms));
  EXPECT_TRUE(offsets.empty());
  EXPECT_EQ(before_commits().rounds(), 1);
}

TEST_F(ReplacedLogCheckTest, VerifiesWhatIsGivenBack) {
  const auto began = parts.clock.now();
  check.verify(parts.partitions, commit_of(partition), 8s);
  EXPECT_FALSE(partition->log.doubts());
  EXPECT_FALSE(check.must_verify(*partition, commit_of(partition)));
  EXPECT_LT(parts.clock.now() - began, 100ms);
}

TEST_F(ReplacedLogCheckTest, VerifiesNothingThatIsNotCommitted) {
  const auto began = parts.clock.now();
  check.verify(parts.partitions, {}, 8s);
  EXPECT_EQ(parts.clock.now(), began);
}

TEST_F(ReplacedLogCheckTest, DoubtsWhatNobodyVerifiesInTime) {
  log.answers = false;
  const auto began = parts.clock.now();
  check.verify(parts.partitions, commit_of(partition), 3s);
  EXPECT_TRUE(partition->log.doubts());
  EXPECT_GE(parts.clock.now() - began, 3s);
  EXPECT_LT(parts.clock.now() - began, 4s);
}

TEST_F(ReplacedLogCheckTest, TellsWhatTheGroupHas) {
  parts.add(1, std::nullopt);
  parts.cluster.logs[1].committed.reset();
  parts.add(2, 7);
  parts.cluster.logs[2].answers = false;
  const std::vector partitions_asked{tests::partition_of(0), tests::partition_of(1), tests::partition_of(2)};
  const auto told = check.stored(partitions_asked, 1s);
  ASSERT_EQ(told.size(), 2U) << "nobody tells of the third";
  EXPECT_EQ(told[0].next, 10);
  EXPECT_LT(told[1].next, 0);
}

// What wakes the reading thread while it waits for an answer may be a record, or the end.
TEST_F(ReplacedLogCheckTest, LeavesAWakeupThatWasMeantForSomethingElse) {
  const std::vector partitions_asked{tests::partition_of(0)};
  static_cast<void>(check.stored(partitions_asked, 1s));
  pollfd look{.fd = parts.wakeup->descriptor(), .events = POLLIN, .revents = 0};
  EXPECT_GT(poll(&look, 1, 0), 0);
}

TEST_F(ReplacedLogCheckTest, WaitsForNobodyWhereNothingIsAsked) {
  const auto began = parts.clock.now();
  EXPECT_TRUE(check.stored({}, 1s).empty());
  EXPECT_EQ(parts.clock.now(), began);
}

TEST_F(ReplacedLogCheckTest, ForgetsQuestionsToAClientThatWent) {
  log = {.range = {0, 50}};
  check.doubt(*partition, &ReplacedLogWatch::rewound);
  check.ask(parts.clock.now());
  check.forget();
  EXPECT_FALSE(about_doubts().asking());
  ask_for(1s);
  EXPECT_GE(about_doubts().rounds(), 2) << "it is asked again";
}

class ReplacedLogCheckOfTransactions : public ReplacedLogCheckTest {
 protected:
  ReplacedLogCheckOfTransactions() : ReplacedLogCheckTest({.transacted = true}) {}
};

TEST_F(ReplacedLogCheckOfTransactions, DoubtsWhatATransactionFoundDropped) {
  partition->dropped_by_group = true;
  check.ask(parts.clock.now());
  EXPECT_TRUE(partition->log.doubts());
  EXPECT_FALSE(partition->dropped_by_group);
  EXPECT_EQ(about_doubts().rounds(), 1);
}

}  // namespace
}  // namespace conveyor::worker
