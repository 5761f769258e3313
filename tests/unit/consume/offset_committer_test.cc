#include "consume/offset_committer.h"

#include <gtest/gtest.h>

#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using CommitAnswer = tests::FakeConsumerClient::CommitAnswer;
using WhileJoining = kafka::OffsetCommits::WhileJoining;

CommitAnswer refused(rd_kafka_resp_err_t error) { return {.outcome = {.error = error}, .stores = false}; }

class OffsetCommitterTest : public ::testing::Test {
 protected:
  explicit OffsetCommitterTest(MemberOptions options = {.commit_interval = 1s}) : parts(std::move(options)) {}

  /// What a member does about commits, again and again for so long.
  void run_for(std::chrono::milliseconds time) {
    for (const auto end = parts.clock.now() + time; parts.clock.now() < end; parts.clock.advance(10ms)) {
      committer.take_result();
      if (logs.take_answers(parts.clock.now()).any) committer.soon();
      committer.commit_when_due(parts.clock.now());
    }
  }
  bool commit_last(std::chrono::milliseconds within, std::chrono::milliseconds rebalance_patience = 1s) {
    return committer.commit_last(parts.partitions, parts.clock.now() + within, rebalance_patience, hurry);
  }
  std::vector<std::int64_t> committed(std::int32_t number = 0) const { return parts.client->committed_offsets(number); }

  std::atomic<bool> hurry{false};
  tests::MemberParts parts;
  ReplacedLogCheck logs{parts.context(), *parts.wakeup, parts.make_lookup()};
  OffsetCommitter committer{parts.context(), logs};
  PartitionPtr partition = parts.add(0, std::nullopt);
};

TEST_F(OffsetCommitterTest, CommitsWhatIsFinishedNowAndThen) {
  parts.finish(*partition, 0, 5);
  run_for(900ms);
  EXPECT_TRUE(committed().empty());
  run_for(200ms);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5}));
  EXPECT_EQ(parts.counters.commits, 1U);
}

TEST_F(OffsetCommitterTest, CommitsNothingTwice) {
  parts.finish(*partition, 0, 5);
  run_for(10s);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5}));
}

TEST_F(OffsetCommitterTest, CommitsOnlyBelowTheFirstThatIsNotFinished) {
  partition->tracker.read(0);
  parts.finish(*partition, 1, 5);
  run_for(2s);
  EXPECT_TRUE(committed().empty());
  partition->tracker.finish(0);
  run_for(2s);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5}));
}

TEST_F(OffsetCommitterTest, CommitsSoonerWhereSomethingWaitsForIt) {
  parts.finish(*partition, 0, 5);
  committer.soon();
  run_for(20ms);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5}));
}

TEST_F(OffsetCommitterTest, BeginsOneCommitAtATime) {
  parts.client->commits_are_held = true;
  parts.finish(*partition, 0, 5);
  run_for(1100ms);
  parts.finish(*partition, 5, 9);
  run_for(5s);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5}));
  parts.client->commits_are_held = false;
  run_for(2s);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5, 9}));
}

TEST_F(OffsetCommitterTest, TriesARefusedCommitAgainSoon) {
  parts.client->commit_answers = {refused(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS)};
  parts.finish(*partition, 0, 5);
  run_for(1300ms);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5, 5}));
  EXPECT_EQ(parts.counters.commit_errors, 1U);
  EXPECT_EQ(parts.counters.commits, 1U);
  EXPECT_TRUE(parts.says("the offsets are committed again later"));
  EXPECT_FALSE(parts.failure);
}

TEST_F(OffsetCommitterTest, SaysARefusalThatLastsNotAllTheTime) {
  for (int i = 0; i < 100; ++i) {
    parts.client->commit_answers.push_back(refused(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE));
  }
  parts.finish(*partition, 0, 5);
  run_for(5s);
  EXPECT_GT(parts.counters.commit_errors, 10U);
  EXPECT_EQ(parts.observer->events(Event::Kind::kCommitFailed).size(), 1U);
}

TEST_F(OffsetCommitterTest, EndsTheMemberWhoseCommitsAreNeverAccepted) {
  parts.client->commit_answers = {refused(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)};
  parts.finish(*partition, 0, 5);
  run_for(1100ms);
  ASSERT_TRUE(parts.failure);
  EXPECT_EQ(parts.failure->code(), errc::not_authorized);
  EXPECT_NE(std::string(parts.failure->what()).find("group readers, topics images"), std::string::npos);
}

TEST_F(OffsetCommitterTest, WritesLessBesideOffsetsWhereBrokersTakeLess) {
  parts.client->commit_answers = {refused(RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE),
                                  refused(RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE)};
  parts.finish(*partition, 0, 5);
  run_for(1100ms);
  EXPECT_EQ(parts.metadata_limit.bytes(), MetadataLimit::kShortMetadata);
  run_for(1s);
  EXPECT_EQ(parts.metadata_limit.bytes(), 0U);
  EXPECT_EQ(parts.counters.commits, 1U);
}

TEST_F(OffsetCommitterTest, WaitsForItsPlaceInTheGroup) {
  parts.client->is_joining = true;
  parts.finish(*partition, 0, 5);
  run_for(5s);
  EXPECT_TRUE(committed().empty());
  parts.client->is_joining = false;
  run_for(200ms);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5}));
}

TEST_F(OffsetCommitterTest, LeavesOutWhatIsInDoubt) {
  const PartitionPtr other = parts.add(1, std::nullopt);
  parts.finish(*partition, 0, 5);
  parts.finish(*other, 0, 3);
  logs.doubt(*partition, &ReplacedLogWatch::rewound);
  run_for(2s);
  EXPECT_TRUE(committed(0).empty());
  EXPECT_EQ(committed(1), (std::vector<std::int64_t>{3}));
}

TEST_F(OffsetCommitterTest, LeavesOutWhatATransactionMayHaveCommitted) {
  parts.finish(*partition, 0, 5);
  partition->in_doubt = true;
  run_for(2s);
  EXPECT_TRUE(committed().empty());
}

TEST_F(OffsetCommitterTest, DoubtsATopicThatACommitDidNotFind) {
  parts.client->commit_answers = {
      {.outcome = {.error = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, .unknown = {partition->where}}, .stores = false}};
  parts.finish(*partition, 0, 5);
  run_for(1100ms);
  EXPECT_TRUE(partition->log.doubts());
  EXPECT_EQ(committed().size(), 1U);
}

TEST_F(OffsetCommitterTest, CommitsWhereAPartitionBeganBeforeAnythingIsBegun) {
  const PartitionPtr fresh = parts.add(1, 7);
  fresh->keep_start = true;
  committer.soon();
  run_for(200ms);
  EXPECT_EQ(committed(1), (std::vector<std::int64_t>{7}));
  EXPECT_FALSE(fresh->keep_start);
}

TEST_F(OffsetCommitterTest, KeepsWhatAPartitionWasBegunWithInItsMetadata) {
  partition->topic_began_with = 4;
  parts.finish(*partition, 0, 5);
  run_for(1100ms);
  const auto& metadata = parts.client->commits.front().offsets.front().metadata;
  EXPECT_EQ(topic_began_with(metadata, 5), 4) << metadata;
}

TEST_F(OffsetCommitterTest, AsksTheGroupBeforeASecondCommit) {
  parts.finish(*partition, 0, 5);
  run_for(1100ms);
  parts.cluster.logs[0].committed.reset();  // the topic was recreated meanwhile
  parts.finish(*partition, 5, 9);
  run_for(3s);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5}));
  EXPECT_TRUE(partition->log.doubts());
}

// An answer serves the commit that it was asked for and those that follow closely.
TEST_F(OffsetCommitterTest, AsksTheGroupAgainSoonAfterACommit) {
  const PartitionPtr known = parts.add(1, 10);
  parts.finish(*known, 10, 15);
  committer.soon();
  run_for(500ms);
  ASSERT_EQ(committed(1), (std::vector<std::int64_t>{15}));
  parts.cluster.logs[1].committed.reset();  // the topic was recreated meanwhile
  parts.finish(*known, 15, 20);
  committer.soon();
  run_for(300ms);
  EXPECT_EQ(committed(1), (std::vector<std::int64_t>{15}));
  EXPECT_TRUE(known->log.doubts());
}

TEST_F(OffsetCommitterTest, CommitsTheLastAndWaitsForTheAnswer) {
  parts.finish(*partition, 0, 5);
  parts.client->commit_answers = {{.after = 300ms}};
  const auto began = parts.clock.now();
  EXPECT_TRUE(commit_last(5s));
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5}));
  EXPECT_GE(parts.clock.now() - began, 300ms);
  EXPECT_EQ(partition->tracker.committable(), std::nullopt);
}

TEST_F(OffsetCommitterTest, HasNothingToCommitAtTheEndWhereAllIs) {
  EXPECT_TRUE(commit_last(5s));
  EXPECT_TRUE(parts.client->commits.empty());
}

TEST_F(OffsetCommitterTest, CommitsWhatWasFinishedWhileACommitWasOnItsWay) {
  parts.finish(*partition, 0, 5);
  parts.client->commit_answers = {{.after = 300ms}};
  committer.soon();
  committer.commit_when_due(parts.clock.now());
  parts.finish(*partition, 5, 9);
  EXPECT_TRUE(commit_last(5s));
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5, 9}));
}

TEST_F(OffsetCommitterTest, GivesUpALastCommitThatNobodyAnswers) {
  parts.finish(*partition, 0, 5);
  parts.client->commits_are_held = true;
  const auto began = parts.clock.now();
  EXPECT_FALSE(commit_last(3s));
  EXPECT_GE(parts.clock.now() - began, 3s);
  EXPECT_LT(parts.clock.now() - began, 5s);
}

TEST_F(OffsetCommitterTest, TriesTheLastCommitAgainWhileACoordinatorMoves) {
  for (int i = 0; i < 5; ++i) {
    parts.client->commit_answers.push_back(refused(RD_KAFKA_RESP_ERR_NOT_COORDINATOR));
  }
  parts.finish(*partition, 0, 5);
  EXPECT_TRUE(commit_last(5s));
  EXPECT_EQ(committed().size(), 6U);
}

TEST_F(OffsetCommitterTest, GivesUpAtOnceWhatBelongsToAnotherMember) {
  parts.client->commit_answers = {refused(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID)};
  parts.finish(*partition, 0, 5);
  const auto began = parts.clock.now();
  EXPECT_FALSE(commit_last(5s));
  EXPECT_EQ(committed().size(), 1U);
  EXPECT_LT(parts.clock.now() - began, 1s);
}

TEST_F(OffsetCommitterTest, TriesTheLastCommitInTheNextGeneration) {
  parts.client->commit_answers = {refused(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)};
  parts.finish(*partition, 0, 5);
  EXPECT_TRUE(commit_last(5s));
  EXPECT_EQ(committed().size(), 2U);
}

TEST_F(OffsetCommitterTest, GivesUpInTheNextGenerationWhatIsLost) {
  parts.client->commit_answers = {refused(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)};
  parts.client->is_lost = true;
  parts.finish(*partition, 0, 5);
  EXPECT_FALSE(commit_last(5s));
}

TEST_F(OffsetCommitterTest, DoesNotHoldUpARebalanceForLong) {
  for (int i = 0; i < 1'000; ++i) {
    parts.client->commit_answers.push_back(refused(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS));
  }
  parts.finish(*partition, 0, 5);
  const auto began = parts.clock.now();
  EXPECT_FALSE(commit_last(30s, 1s));
  EXPECT_GE(parts.clock.now() - began, 1s);
  EXPECT_LT(parts.clock.now() - began, 2s);
}

TEST_F(OffsetCommitterTest, TriesOnceMoreAtTheEndAlthoughTheGroupHasNotToldItsPlace) {
  parts.client->is_joining = true;
  parts.finish(*partition, 0, 5);
  EXPECT_TRUE(commit_last(3s));
  ASSERT_EQ(parts.client->commits.size(), 1U);
  EXPECT_EQ(parts.client->commits.front().while_joining, WhileJoining::kTry);
}

TEST_F(OffsetCommitterTest, GivesUpWithAClientThatFailed) {
  parts.client->has_failed = true;
  parts.client->is_joining = true;
  parts.finish(*partition, 0, 5);
  const auto began = parts.clock.now();
  EXPECT_FALSE(commit_last(30s));
  EXPECT_LT(parts.clock.now() - began, 1s);
}

TEST_F(OffsetCommitterTest, VerifiesBeforeTheLastCommit) {
  const PartitionPtr known = parts.add(1, 10);
  parts.finish(*known, 10, 15);
  EXPECT_TRUE(commit_last(5s));
  EXPECT_EQ(committed(1), (std::vector<std::int64_t>{15}));
  EXPECT_EQ(parts.lookups[2]->rounds(), 1);
}

TEST_F(OffsetCommitterTest, DoesNotCommitTheLastOfALogThatIsAnotherOne) {
  const PartitionPtr known = parts.add(1, 10);
  parts.finish(*known, 10, 15);
  parts.cluster.logs[1].committed.reset();
  EXPECT_FALSE(commit_last(5s));
  EXPECT_TRUE(committed(1).empty());
}

TEST_F(OffsetCommitterTest, DoesNotCommitTheLastOfWhatNobodyVerifies) {
  const PartitionPtr known = parts.add(1, 10);
  parts.finish(*known, 10, 15);
  parts.cluster.logs[1].answers = false;
  parts.finish(*partition, 0, 5);
  EXPECT_FALSE(commit_last(5s));
  EXPECT_TRUE(committed(1).empty());
  EXPECT_EQ(committed(0), (std::vector<std::int64_t>{5})) << "the others are committed";
}

TEST_F(OffsetCommitterTest, TriesOnceMoreWhereTheAnswerComesInTheLastMoment) {
  parts.finish(*partition, 0, 5);
  parts.client->commit_answers = {refused(RD_KAFKA_RESP_ERR_NOT_COORDINATOR)};
  parts.client->commit_answers.front().after = 990ms;
  EXPECT_TRUE(commit_last(1s));
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5, 5}));
}

TEST_F(OffsetCommitterTest, HurriesAlsoWhenItIsToldToWhileItCommits) {
  const PartitionPtr known = parts.add(1, 10);
  parts.finish(*known, 10, 15);
  parts.finish(*partition, 0, 5);
  parts.client->commit_answers = {refused(RD_KAFKA_RESP_ERR_NOT_COORDINATOR)};
  parts.client->commit_answers.front().after = 2s;
  parts.clock.in(1s, [&] {
    hurry = true;
    parts.cluster.logs[1].answers = false;
  });
  const auto began = parts.clock.now();
  EXPECT_FALSE(commit_last(1h));
  EXPECT_LT(parts.clock.now() - began, 10s);
}

TEST_F(OffsetCommitterTest, GivesTheQuestionTimeOfItsOwn) {
  const PartitionPtr known = parts.add(1, 10);
  parts.finish(*known, 10, 15);
  parts.cluster.answers_after = 900ms;
  EXPECT_TRUE(commit_last(1s));
  EXPECT_EQ(committed(1), (std::vector<std::int64_t>{15}));
}

class OffsetCommitterOfTransactions : public OffsetCommitterTest {
 protected:
  OffsetCommitterOfTransactions() : OffsetCommitterTest({.commit_interval = 1s, .transacted = true}) {}
};

TEST_F(OffsetCommitterOfTransactions, CommitsNothingBesideATransaction) {
  parts.finish(*partition, 0, 5);
  partition->tracker.read(5);
  run_for(3s);
  EXPECT_TRUE(committed().empty()) << "a record in hand may be in a transaction";
  partition->tracker.finish(5);
  run_for(2s);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{6}));
}

TEST_F(OffsetCommitterOfTransactions, CommitsTheLastBesideWhatIsLeftInHand) {
  parts.finish(*partition, 0, 5);
  partition->tracker.read(5);
  EXPECT_TRUE(commit_last(1s));
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{5}));
}

class OffsetCommitterWithMetadata : public OffsetCommitterTest {
 protected:
  OffsetCommitterWithMetadata()
      : OffsetCommitterTest({.commit_interval = 1s, .commit_metadata = true, .crash_attempts = 3}) {
    partition->lease.emplace(PartitionLease::Options{.run = 7}, std::nullopt, false);
  }
  CommitMetadata last_metadata() const {
    const auto& offset = parts.client->commits.back().offsets.back();
    return decode_commit_metadata(offset.metadata, offset.next).value_or(CommitMetadata());
  }
};

TEST_F(OffsetCommitterWithMetadata, SaysWhatIsDoneAboveTheOffset) {
  partition->tracker.read(0);
  partition->tracker.read(1);
  parts.finish(*partition, 2, 5);
  partition->tracker.finish(0);
  run_for(1100ms);
  EXPECT_EQ(committed().back(), 1);
  EXPECT_EQ(last_metadata().done, (std::vector<OffsetRange>{{2, 5}}));
}

TEST_F(OffsetCommitterWithMetadata, AsksForALeaseBeforeTheFirstRecordIsBegun) {
  partition->held = kafka::ConsumedRecord::made_from(Record{.partition = 0, .offset = 3}, "value");
  committer.soon();
  run_for(20ms);
  EXPECT_EQ(committed().back(), 3);
  EXPECT_TRUE(last_metadata().open);
  run_for(20ms);
  EXPECT_TRUE(partition->lease->leased(3));
}

TEST_F(OffsetCommitterWithMetadata, KeepsNoLeaseOfACommitThatWasRefused) {
  partition->held = kafka::ConsumedRecord::made_from(Record{.partition = 0, .offset = 3}, "value");
  parts.client->commit_answers = {refused(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE)};
  committer.soon();
  run_for(50ms);
  EXPECT_FALSE(partition->lease->leased(3));
}

TEST_F(OffsetCommitterWithMetadata, ClosesTheLeaseWhenAPartitionIsGivenBack) {
  partition->held = kafka::ConsumedRecord::made_from(Record{.partition = 0, .offset = 3}, "value");
  committer.soon();
  run_for(50ms);
  ASSERT_TRUE(partition->lease->open());
  EXPECT_TRUE(commit_last(5s));
  EXPECT_FALSE(last_metadata().open) << "the next member must not take this one for dead";
}

}  // namespace
}  // namespace conveyor::worker
