#include "consume/partition_reader.h"

#include <gtest/gtest.h>

#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;

/// Keeps the errors that came among records.
class KeepingErrors final : public PartitionReader::ErrorListener {
 public:
  void on_partition_error(const Partition&, const kafka::ConsumedRecord& error) override {
    errors.emplace_back(error.error(), error.error_text());
  }
  std::vector<std::pair<rd_kafka_resp_err_t, std::string>> errors;
};

/// Gives a partition the records that a test put into a client's queue.
class PartitionReaderTest : public ::testing::Test {
 protected:
  explicit PartitionReaderTest(MemberOptions options = {.max_in_flight = 100}) : parts(std::move(options)) {}

  PartitionPtr read(std::int32_t number, std::optional<std::int64_t> committed, std::vector<OffsetRange> done = {}) {
    PartitionPtr partition;
    struct Taking final : kafka::ConsumerClient::Listener {
      void on_assigned(std::vector<kafka::Assigned> partitions) override { given = std::move(partitions); }
      void on_revoked(std::span<const kafka::TopicPartition>, bool) override {}
      void on_error(rd_kafka_resp_err_t, std::string_view, std::string_view) override {}
      std::vector<kafka::Assigned> given;
    } taking;
    parts.client->assign({{number, {.committed = committed}}});
    parts.client->serve(taking);
    partition = std::make_shared<Partition>(tests::partition_of(number), OffsetTracker(committed, std::move(done)),
                                            std::move(taking.given.front().queue), parts.client);
    if (committed) partition->log.stored();
    parts.partitions.push_back(partition);
    return partition;
  }
  bool read_some() { return reader.read_some(parts.clock.now()); }
  void finish_all() {
    for (auto& one : receiver.kept) {
      one.partition->tracker.finish(one.offset);
      one.partition->bytes_in_flight -= one.bytes;
    }
    receiver.kept.clear();
  }

  tests::MemberParts parts;
  tests::KeepingReceiver receiver;
  KeepingErrors errors;
  ReplacedLogCheck logs{parts.context(), *parts.wakeup, parts.make_lookup()};
  PoisonDetector poison{parts.context(), 9, parts.make_lookup()};
  RetentionCheck retention{parts.context()};
  OffsetCommitter committer{parts.context(), logs};
  PartitionReader reader{parts.context(),
                         {.poison = poison, .logs = logs, .retention = retention, .committer = committer},
                         receiver,
                         errors};
};

TEST_F(PartitionReaderTest, HandsRecordsOverInTheirOrder) {
  read(0, 0);
  parts.client->records(0, 0, 5);
  EXPECT_FALSE(read_some());
  EXPECT_EQ(receiver.offsets(), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(receiver.calls, 1) << "in one batch";
  EXPECT_EQ(parts.counters.received, 5U);
  EXPECT_EQ(parts.counters.in_flight, 5U);
}

TEST_F(PartitionReaderTest, GivesEveryPartitionItsTurn) {
  read(0, 0);
  read(1, 0);
  parts.client->records(0, 0, 200);
  parts.client->records(1, 0, 200);
  EXPECT_TRUE(read_some()) << "there is more";
  EXPECT_EQ(receiver.offsets(0).size(), 64U);
  EXPECT_EQ(receiver.offsets(1).size(), 64U);
}

TEST_F(PartitionReaderTest, LeavesUnreadWhatHasNoRoom) {
  read(0, 0);
  parts.client->records(0, 0, 200);
  while (read_some()) {
  }
  EXPECT_EQ(receiver.kept.size(), 100U);
  EXPECT_EQ(parts.client->unread(0), 100U);
  finish_all();
  EXPECT_TRUE(read_some());
}

TEST_F(PartitionReaderTest, BoundsTheBytesInHand) {
  parts.options.max_in_flight_bytes = 1'000;
  const PartitionPtr partition = read(0, 0);
  parts.client->records(0, 0, 20, 300);
  while (read_some()) {
  }
  EXPECT_EQ(receiver.kept.size(), 4U) << "the one that reaches the bound is the last";
  EXPECT_EQ(partition->bytes_in_flight, 1'200U);
  EXPECT_FALSE(reader.has_room(*partition));
}

TEST_F(PartitionReaderTest, BoundsWhatIsFinishedBehindARecordThatIsNot) {
  const PartitionPtr partition = read(0, 0);
  parts.client->records(0, 0, 5'000);
  for (int i = 0; i < 200; ++i) {
    read_some();
    for (auto& one : receiver.kept) {
      if (one.offset != 0) one.partition->tracker.finish(one.offset);
    }
    receiver.kept.clear();
  }
  EXPECT_GE(partition->tracker.tracked(), 1'024U);
  EXPECT_LT(partition->tracker.tracked(), 1'024U + 64U);
}

TEST_F(PartitionReaderTest, SaysHowManyMustBeFinishedBeforeItReadsOn) {
  EXPECT_EQ(reader.completions_before_reading(), 1U);
  read(0, 0);
  parts.client->records(0, 0, 200);
  while (read_some()) {
  }
  EXPECT_EQ(reader.completions_before_reading(), 25U);
  poison.watch(*parts.partitions.front(), std::nullopt);
  EXPECT_EQ(reader.completions_before_reading(), 1U) << "who watches for crashes wants to know of each";
}

TEST_F(PartitionReaderTest, PassesOverWhatAnEarlierOwnerFinished) {
  const PartitionPtr partition = read(0, 0, {{1, 3}});
  parts.client->records(0, 0, 5);
  read_some();
  EXPECT_EQ(receiver.offsets(), (std::vector<std::int64_t>{0, 3, 4}));
  finish_all();
  EXPECT_EQ(partition->tracker.committable(), 5);
}

TEST_F(PartitionReaderTest, ReadsAcrossGapsOfTheLog) {
  const PartitionPtr partition = read(0, 0);
  parts.client->records(0, 0, 2);
  parts.client->records(0, 7, 9);
  read_some();
  EXPECT_EQ(receiver.offsets(), (std::vector<std::int64_t>{0, 1, 7, 8}));
  finish_all();
  EXPECT_EQ(partition->tracker.committable(), 9);
  EXPECT_TRUE(errors.errors.empty());
}

TEST_F(PartitionReaderTest, TellsWhatWasDeletedInAGap) {
  parts.client->log_starts[0] = 7;
  read(0, 0);
  parts.client->records(0, 7, 9);
  read_some();
  EXPECT_EQ(parts.counters.expired, 7U);
}

TEST_F(PartitionReaderTest, GoesOnBehindTheEndOfALog) {
  const PartitionPtr partition = read(0, 3);
  parts.client->among_records(0, RD_KAFKA_RESP_ERR__PARTITION_EOF, 6);  // behind markers of transactions
  read_some();
  EXPECT_EQ(partition->tracker.position(), 6);
  EXPECT_TRUE(receiver.kept.empty());
  EXPECT_TRUE(errors.errors.empty());
}

TEST_F(PartitionReaderTest, DoubtsALogThatEndsBeforeItsPosition) {
  const PartitionPtr partition = read(0, 10);
  parts.client->among_records(0, RD_KAFKA_RESP_ERR__PARTITION_EOF, 4);
  parts.client->records(0, 0, 4);
  read_some();
  EXPECT_TRUE(partition->log.doubts());
  EXPECT_TRUE(receiver.kept.empty()) << "nothing is begun before it is clear";
}

TEST_F(PartitionReaderTest, DoubtsALogThatComesAgain) {
  const PartitionPtr partition = read(0, 10);
  parts.client->records(0, 0, 4);
  read_some();
  EXPECT_TRUE(partition->log.doubts());
  EXPECT_TRUE(receiver.kept.empty());
}

TEST_F(PartitionReaderTest, TakesRecordsOfAnEarlierOwnerThatComeAgainForNoDoubt) {
  const PartitionPtr partition = read(0, 0, {{0, 3}});
  parts.client->records(0, 2, 3);
  parts.client->records(0, 1, 2);  // before the position, and done
  parts.client->records(0, 3, 4);
  read_some();
  EXPECT_FALSE(partition->log.doubts());
  EXPECT_EQ(receiver.offsets(), (std::vector<std::int64_t>{3}));
}

TEST_F(PartitionReaderTest, TellsErrorsAndReadsOn) {
  read(0, 0);
  parts.client->records(0, 0, 1);
  parts.client->among_records(0, RD_KAFKA_RESP_ERR__BAD_MSG, 1, "bad batch");
  parts.client->records(0, 2, 3);
  read_some();
  EXPECT_EQ(receiver.offsets(), (std::vector<std::int64_t>{0, 2}));
  ASSERT_EQ(errors.errors.size(), 1U);
  EXPECT_EQ(errors.errors.front().first, RD_KAFKA_RESP_ERR__BAD_MSG);
  EXPECT_EQ(errors.errors.front().second, "bad batch");
}

TEST_F(PartitionReaderTest, DropsRecordsButNoErrorsWhereReadingGoesOnElsewhere) {
  const PartitionPtr partition = read(0, 0);
  parts.client->records(0, 0, 2);
  parts.client->among_records(0, RD_KAFKA_RESP_ERR__BAD_MSG, 2);
  parts.client->among_records(0, RD_KAFKA_RESP_ERR__PARTITION_EOF, 3);
  reader.drop_ahead(*partition);
  EXPECT_TRUE(partition->queue->empty());
  EXPECT_EQ(errors.errors.size(), 1U);
  EXPECT_TRUE(receiver.kept.empty());
}

TEST_F(PartitionReaderTest, BeginsNothingWhileAPartitionsStartIsNotCommitted) {
  const PartitionPtr partition = read(0, 7);
  partition->keep_start = true;
  parts.client->records(0, 7, 9);
  EXPECT_FALSE(read_some());
  EXPECT_TRUE(receiver.kept.empty());
  partition->keep_start = false;
  read_some();
  EXPECT_EQ(receiver.kept.size(), 2U);
}

TEST_F(PartitionReaderTest, SaysWhetherTheClientWorks) {
  read(0, 0);
  read_some();
  EXPECT_FALSE(reader.take_progress());
  parts.client->records(0, 0, 1);
  read_some();
  EXPECT_TRUE(reader.take_progress());
  EXPECT_FALSE(reader.take_progress());
}

TEST_F(PartitionReaderTest, ShowsATombstoneAndAKey) {
  read(0, 0);
  parts.client->records(0, 0, 1);
  read_some();
  EXPECT_FALSE(receiver.kept.front().record.is_tombstone());
  EXPECT_FALSE(receiver.kept.front().record.key());
  EXPECT_EQ(receiver.kept.front().record.value(), "v");
}

class PartitionReaderOfTransactions : public PartitionReaderTest {
 protected:
  PartitionReaderOfTransactions() : PartitionReaderTest({.max_in_flight = 100, .transacted = true}) {}
};

TEST_F(PartitionReaderOfTransactions, BeginsNothingWhileAPlainCommitOfItIsOnItsWay) {
  const PartitionPtr partition = read(0, std::nullopt);
  parts.client->commits_are_held = true;
  parts.client->records(0, 0, 1);
  read_some();
  finish_all();
  committer.soon();
  committer.commit_when_due(parts.clock.now());
  ASSERT_TRUE(parts.client->commit_in_flight());
  parts.client->records(0, 1, 3);
  read_some();
  EXPECT_TRUE(receiver.kept.empty());
  parts.client->commits_are_held = false;
  committer.take_result();
  read_some();
  EXPECT_EQ(receiver.offsets(), (std::vector<std::int64_t>{1, 2}));
}

class PartitionReaderThatWatches : public PartitionReaderTest {
 protected:
  PartitionReaderThatWatches()
      : PartitionReaderTest({.max_in_flight = 100, .commit_metadata = true, .crash_attempts = 3}) {}
};

TEST_F(PartitionReaderThatWatches, ReadsNothingBeforeItIsKnownWhatMayHaveKilled) {
  const PartitionPtr partition = read(0, 0);
  poison.watch(*partition, CommitMetadata{.run = 5, .offset = 0, .open = true, .lease_end = 10});
  parts.cluster.logs[0].range = {0, 100};
  poison.limit_probing(parts.partitions);
  parts.client->records(0, 0, 3);
  EXPECT_FALSE(read_some());
  EXPECT_FALSE(partition->held);
  parts.clock.advance(1s);
  poison.take_answers(parts.clock.now());
  read_some();
  EXPECT_TRUE(partition->held) << "until a commit names it";
}

TEST_F(PartitionReaderThatWatches, HoldsARecordUntilACommitAllowsIt) {
  const PartitionPtr partition = read(0, std::nullopt);
  poison.watch(*partition, std::nullopt);
  parts.client->records(0, 0, 3);
  EXPECT_FALSE(read_some());
  EXPECT_TRUE(receiver.kept.empty());
  EXPECT_TRUE(partition->held);
  committer.commit_when_due(parts.clock.now());
  committer.take_result();
  read_some();
  EXPECT_EQ(receiver.offsets(), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(parts.client->commits.size(), 1U);
}

}  // namespace
}  // namespace conveyor::worker
