#include "consume/rebalance.h"

#include <gtest/gtest.h>

#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using tests::partition_of;

/// Reads nothing: a test begins records itself.
class RebalanceTest : public ::testing::Test, private kafka::ConsumerClient::Listener {
 protected:
  explicit RebalanceTest(MemberOptions options = {.commit_interval = 1h}) : parts(std::move(options)) {}

  void on_assigned(std::vector<kafka::Assigned> given) override { rebalance.take_on(std::move(given)); }
  void on_revoked(std::span<const kafka::TopicPartition> gone, bool lost) override {
    rebalance.give_back(gone, lost, within);
  }
  void on_error(rd_kafka_resp_err_t, std::string_view, std::string_view) override {}

  PartitionPtr assign(std::int32_t number, kafka::StartOffset start_offset = {}) {
    parts.client->assign({{number, std::move(start_offset)}});
    parts.client->serve(*this);
    return parts.partitions.back();
  }
  void revoke(std::int32_t number, bool lost = false) {
    parts.client->revoke({number}, lost);
    parts.client->serve(*this);
  }
  Receipt begin(const PartitionPtr& partition, std::int64_t offset) {
    partition->tracker.read(offset);
    partition->bytes_in_flight += 1;
    grow(parts.counters.in_flight, 1);
    return {partition, offset, 1};
  }
  void finish(const Receipt& receipt) { completions.add({receipt, true}); }
  std::vector<std::int64_t> committed(std::int32_t partition = 0) const {
    return parts.client->committed_offsets(partition);
  }
  std::size_t events(Event::Kind kind) const { return parts.observer->events(kind).size(); }
  ReplacedLogCheck::Replaced replaced(const PartitionPtr& partition, bool committed = false) const {
    return {.partition = partition, .position = 50, .log = {0, 20}, .committed = committed};
  }

  tests::MemberParts parts;
  tests::KeepingReceiver receiver;
  std::chrono::milliseconds within{30s};
  std::atomic<bool> hurry{false};
  Completions completions{parts.wakeup};
  ReplacedLogCheck logs{parts.context(), *parts.wakeup, parts.make_lookup()};
  PoisonDetector poison{parts.context(), 9, parts.make_lookup()};
  RetentionCheck retention{parts.context()};
  StallCheck stalls{parts.context(), logs, parts.make_lookup()};
  OffsetCommitter committer{parts.context(), logs};
  Rebalance rebalance{parts.context(),
                      {.completions = completions,
                       .poison = poison,
                       .logs = logs,
                       .retention = retention,
                       .stalls = stalls,
                       .committer = committer},
                      receiver,
                      hurry};
};

TEST_F(RebalanceTest, TakesPartitionsOnWhereTheGroupStopped) {
  const PartitionPtr partition = assign(0, {.committed = 7, .start = 7});
  EXPECT_EQ(partition->tracker.position(), 7);
  EXPECT_TRUE(partition->log.is_stored());
  EXPECT_EQ(partition->began_at, std::nullopt);
  EXPECT_EQ(parts.counters.partitions, 1U);
  ASSERT_EQ(events(Event::Kind::kAssigned), 1U);
  EXPECT_EQ(parts.observer->events(Event::Kind::kAssigned).front().offset, 7);
}

TEST_F(RebalanceTest, RemembersWhereReadingBeganOfAPartitionWithoutACommit) {
  const PartitionPtr partition = assign(0, {.start = 40, .keep = true});
  EXPECT_EQ(partition->began_at, 40);
  EXPECT_TRUE(partition->keep_start);
  EXPECT_FALSE(partition->log.is_stored());
  committer.commit_when_due(parts.clock.now());
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{40})) << "before the first record is begun";
}

TEST_F(RebalanceTest, CommitsWhatIsDoneBeforeAPartitionGoes) {
  const PartitionPtr partition = assign(0);
  finish(begin(partition, 0));
  finish(begin(partition, 1));
  revoke(0);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{2}));
  EXPECT_EQ(partition->state(), Partition::State::kRevoked);
  EXPECT_TRUE(partition->gone.stop_requested());
  EXPECT_EQ(partition->queue, nullptr) << "it must be gone before the client";
  EXPECT_TRUE(parts.partitions.empty());
  EXPECT_EQ(parts.counters.partitions, 0U);
  EXPECT_EQ(events(Event::Kind::kRevoked), 1U);
}

TEST_F(RebalanceTest, WaitsForHandlersThatAreNotDoneYet) {
  const PartitionPtr partition = assign(0);
  const Receipt slow = begin(partition, 0);
  parts.clock.in(4s, [&] { finish(slow); });
  const auto began = parts.clock.now();
  revoke(0);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{1}));
  EXPECT_GE(parts.clock.now() - began, 4s);
  EXPECT_LT(parts.clock.now() - began, 5s);
  EXPECT_EQ(parts.counters.in_flight, 0U);
}

TEST_F(RebalanceTest, WaitsForHandlersNoLongerThanItWasSaid) {
  const PartitionPtr partition = assign(0);
  begin(partition, 0);
  within = 3s;
  const auto began = parts.clock.now();
  revoke(0);
  EXPECT_GE(parts.clock.now() - began, 3s);
  EXPECT_LT(parts.clock.now() - began, 4s);
  EXPECT_TRUE(committed().empty());
  EXPECT_EQ(parts.counters.in_flight, 0U) << "it is not ours any more";
  EXPECT_TRUE(parts.says("revoked images [0]; 1 unfinished records are left to its next owner"));
}

TEST_F(RebalanceTest, WaitsForHandlersNoLongerThanTheGroupDoes) {
  const PartitionPtr partition = assign(0);
  begin(partition, 0);
  parts.client->poll_interval = 6s;
  const auto began = parts.clock.now();
  revoke(0);
  EXPECT_LE(parts.clock.now() - began, 3s);
}

TEST_F(RebalanceTest, WaitsForNobodyWhoHasThrownRecordsAway) {
  const PartitionPtr partition = assign(0);
  begin(partition, 0);
  receiver.kept.emplace_back().partition = partition;
  receiver.kept.back().offset = 0;
  receiver.drops = true;
  const auto began = parts.clock.now();
  revoke(0);
  EXPECT_EQ(parts.clock.now(), began);
  EXPECT_TRUE(committed().empty());
}

TEST_F(RebalanceTest, HurriesWhereSomethingWillNeverEnd) {
  const PartitionPtr partition = assign(0);
  begin(partition, 0);
  hurry = true;
  const auto began = parts.clock.now();
  revoke(0);
  EXPECT_LE(parts.clock.now() - began, 3s);
}

TEST_F(RebalanceTest, CommitsNothingOfWhatWasLost) {
  const PartitionPtr partition = assign(0);
  finish(begin(partition, 0));
  const auto began = parts.clock.now();
  revoke(0, true);
  EXPECT_TRUE(committed().empty());
  EXPECT_EQ(parts.clock.now(), began) << "nobody is waited for";
  EXPECT_EQ(partition->state(), Partition::State::kLost);
  EXPECT_EQ(events(Event::Kind::kLost), 1U);
  EXPECT_EQ(receiver.releases.size(), 1U);
}

TEST_F(RebalanceTest, CountsWhatIsFinishedTooLateAsStale) {
  const PartitionPtr partition = assign(0);
  const Receipt late = begin(partition, 0);
  revoke(0, true);
  finish(late);
  completions.apply(parts.counters);
  EXPECT_EQ(parts.counters.stale, 1U);
}

TEST_F(RebalanceTest, DoesNotTakeAnOldAssignmentForTheNewOne) {
  const Receipt late = begin(assign(0), 0);
  revoke(0, true);
  const PartitionPtr again = assign(0);
  begin(again, 0);
  finish(late);
  completions.apply(parts.counters);
  EXPECT_EQ(again->tracker.committable(), std::nullopt);
}

TEST_F(RebalanceTest, LeavesOtherPartitionsAlone) {
  const PartitionPtr kept = assign(0);
  const PartitionPtr gone = assign(1);
  finish(begin(kept, 0));
  finish(begin(gone, 0));
  revoke(1);
  EXPECT_EQ(parts.partitions, (std::vector{kept}));
  EXPECT_FALSE(kept->leaving());
  EXPECT_TRUE(committed(0).empty());
  EXPECT_EQ(committed(1), (std::vector<std::int64_t>{1}));
}

TEST_F(RebalanceTest, LetsTransactionsGoBeforeTheLastCommit) {
  assign(0);
  revoke(0);
  ASSERT_EQ(receiver.releases.size(), 1U);
  EXPECT_EQ(receiver.releases.front().first, 1U);
  EXPECT_GT(receiver.releases.front().second, 0ms);
}

TEST_F(RebalanceTest, CommitsWhatATransactionEndedWithWhileItWasReleased) {
  const Receipt last = begin(assign(0), 0);
  within = 100ms;
  receiver.on_release = [&] { finish(last); };
  revoke(0);
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{1}));
}

TEST_F(RebalanceTest, GivesAPartitionBackAlthoughItsLastCommitIsRefused) {
  const PartitionPtr partition = assign(0);
  finish(begin(partition, 0));
  parts.client->commit_answers = {{.outcome = {.error = RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID}, .stores = false}};
  revoke(0);
  EXPECT_TRUE(parts.partitions.empty());
  EXPECT_EQ(parts.counters.commit_errors, 1U);
}

TEST_F(RebalanceTest, TakesACommitThatIsOnItsWayForOneOfANewPartition) {
  const PartitionPtr first = assign(0);
  parts.client->commits_are_held = true;
  finish(begin(first, 0));
  completions.apply(parts.counters);
  committer.soon();
  committer.commit_when_due(parts.clock.now());
  EXPECT_TRUE(assign(1)->committing);
}

TEST_F(RebalanceTest, GivesAllBackAtTheEnd) {
  const PartitionPtr first = assign(0);
  const PartitionPtr second = assign(1);
  finish(begin(first, 0));
  const Receipt slow = begin(second, 0);
  parts.clock.in(2s, [&] { finish(slow); });
  const auto left = rebalance.give_all_back(5s);
  EXPECT_EQ(left.unfinished, 0U);
  EXPECT_TRUE(left.all_committed);
  EXPECT_EQ(committed(0), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(committed(1), (std::vector<std::int64_t>{1}));
  EXPECT_TRUE(parts.partitions.empty());
}

TEST_F(RebalanceTest, SaysWhatIsLeftAtTheEnd) {
  const PartitionPtr partition = assign(0);
  finish(begin(partition, 0));
  begin(partition, 1);
  const auto left = rebalance.give_all_back(1s);
  EXPECT_EQ(left.unfinished, 1U);
  EXPECT_TRUE(left.all_committed) << "of what was finished";
  EXPECT_EQ(committed(), (std::vector<std::int64_t>{1}));
}

TEST_F(RebalanceTest, SaysThatTheLastCommitWasNotConfirmed) {
  finish(begin(assign(0), 0));
  parts.client->commits_are_held = true;
  EXPECT_FALSE(rebalance.give_all_back(1s).all_committed);
}

TEST_F(RebalanceTest, StopsHandlersAtTheEndBeforeItWaitsForThem) {
  const PartitionPtr partition = assign(0);
  const Receipt slow = begin(partition, 0);
  bool stopped = false;
  parts.clock.in(100ms, [&] {
    stopped = partition->gone.stop_requested();
    finish(slow);
  });
  static_cast<void>(rebalance.give_all_back(5s));
  EXPECT_TRUE(stopped);
}

TEST_F(RebalanceTest, BeginsALogThatIsAnotherOneFromItsBeginning) {
  const PartitionPtr old = assign(0, {.committed = 50, .start = 50});
  const Receipt late = begin(old, 50);
  const std::vector log{replaced(old)};
  EXPECT_EQ(rebalance.start_over(log), nullptr);
  const PartitionPtr anew = parts.partitions.front();
  EXPECT_NE(anew, old);
  EXPECT_FALSE(old->is_ours());
  EXPECT_TRUE(old->gone.stop_requested());
  EXPECT_EQ(anew->tracker.position(), std::nullopt);
  EXPECT_FALSE(anew->log.is_stored());
  EXPECT_EQ(parts.client->seeks, (std::vector<std::pair<std::int32_t, std::int64_t>>{{0, 0}}));
  EXPECT_EQ(events(Event::Kind::kLogReplaced), 1U);
  EXPECT_TRUE(parts.says("the group's committed offset is gone"));
  EXPECT_EQ(parts.counters.in_flight, 0U);
  finish(late);
  completions.apply(parts.counters);
  EXPECT_EQ(parts.counters.stale, 1U) << "it is of a log that is gone";
  EXPECT_NE(anew->queue, nullptr);
}

TEST_F(RebalanceTest, SaysOfALogThatIsOnlyShorterThatItLostRecords) {
  const PartitionPtr partition = assign(0, {.committed = 50, .start = 50});
  const std::vector log{replaced(partition, true)};
  EXPECT_EQ(rebalance.start_over(log), nullptr);
  EXPECT_TRUE(parts.says("the log ends at offset 20, below the read position 50"));
}

TEST_F(RebalanceTest, ReadsALogOfWhichNothingWasCommittedFromWhereItBegan) {
  const PartitionPtr partition = assign(0, {.start = 15});
  const std::vector log{replaced(partition)};
  parts.cluster.logs[0].range = {0, 20};
  EXPECT_EQ(rebalance.start_over(log), nullptr);
  const PartitionPtr anew = parts.partitions.front();
  EXPECT_EQ(anew->began_at, 15);
  EXPECT_TRUE(anew->keep_start);
  EXPECT_EQ(parts.client->seeks.front().second, 15);
}

TEST_F(RebalanceTest, GoesOnWhereATransactionHadCommittedMeanwhile) {
  const PartitionPtr partition = assign(0, {.start = 15});
  const std::vector log{replaced(partition)};
  parts.cluster.logs[0] = {.range = {0, 20}, .committed = 18};
  EXPECT_EQ(rebalance.start_over(log), nullptr);
  EXPECT_EQ(parts.partitions.front()->tracker.position(), 18);
  EXPECT_TRUE(parts.partitions.front()->log.is_stored());
  EXPECT_EQ(parts.client->seeks.front().second, 18);
}

TEST_F(RebalanceTest, BeginsNothingOfALogOfWhichNobodyTells) {
  const PartitionPtr partition = assign(0, {.start = 15});
  const std::vector log{replaced(partition)};
  parts.cluster.logs[0].answers = false;
  EXPECT_EQ(rebalance.start_over(log), partition);
  EXPECT_TRUE(partition->log.doubts());
  EXPECT_TRUE(parts.client->seeks.empty());
}

TEST_F(RebalanceTest, StartsOverAllAtTheSameTime) {
  const PartitionPtr first = assign(0, {.committed = 50, .start = 50});
  const PartitionPtr second = assign(1, {.committed = 50, .start = 50});
  const std::vector logs_that_are_gone{replaced(first), replaced(second)};
  EXPECT_EQ(rebalance.start_over(logs_that_are_gone), nullptr);
  EXPECT_EQ(receiver.releases.size(), 1U);
  EXPECT_EQ(receiver.releases.front().first, 2U);
}

TEST_F(RebalanceTest, LetsGoOfEverythingWithAClientThatGoes) {
  const PartitionPtr partition = assign(0);
  rebalance.let_go_of_all();
  EXPECT_EQ(partition->queue, nullptr);
  EXPECT_FALSE(partition->is_ours());
}

class RebalanceWithMetadata : public RebalanceTest {
 protected:
  RebalanceWithMetadata() : RebalanceTest({.commit_interval = 1h, .commit_metadata = true, .crash_attempts = 3}) {}
};

TEST_F(RebalanceWithMetadata, PassesOverWhatAnEarlierOwnerFinishedOutOfOrder) {
  const CommitMetadata metadata{.run = 5, .offset = 7, .done = {{9, 12}}};
  const PartitionPtr partition = assign(0, {.committed = 7, .start = 7, .metadata = encode(metadata)});
  EXPECT_EQ(partition->tracker.done_above(), (std::vector<OffsetRange>{{9, 12}}));
  EXPECT_TRUE(partition->lease);
}

TEST_F(RebalanceWithMetadata, AsksWhatMayHaveKilledTheOwnerBefore) {
  parts.cluster.logs[0].range = {0, 100};
  const CommitMetadata metadata{.run = 5, .offset = 7, .open = true, .lease_end = 40};
  const PartitionPtr partition = assign(0, {.committed = 7, .start = 7, .metadata = encode(metadata)});
  EXPECT_TRUE(partition->lease->probing(7));
  parts.clock.advance(1s);
  poison.take_answers(parts.clock.now());
  EXPECT_EQ(events(Event::Kind::kProbing), 1U);
}

}  // namespace
}  // namespace conveyor::worker
