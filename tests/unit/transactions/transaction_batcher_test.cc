#include "transactions/transaction_batcher.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;

class TransactionBatcherTest : public testing::Test {
 protected:
  static FinishedInput input(const PartitionPtr& where, std::int64_t offset) {
    FinishedInput finished{.task = {}, .outputs = std::make_shared<Outputs>()};
    finished.task.incoming.partition = where;
    finished.task.incoming.offset = offset;
    return finished;
  }
  void begin(std::int64_t from, std::int64_t end) {
    for (auto offset = from; offset < end; ++offset) batcher.begin(one, offset);
  }
  void finish(std::int64_t from, std::int64_t end) {
    for (auto offset = from; offset < end; ++offset) ASSERT_FALSE(batcher.finish(input(one, offset), now).has_value());
  }
  /// The first last, as it is quicker for many.
  void finish_backwards(std::int64_t from, std::int64_t end) {
    for (auto offset = end; offset-- > from;) ASSERT_FALSE(batcher.finish(input(one, offset), now).has_value());
  }
  std::vector<std::int64_t> take() {
    std::vector<std::int64_t> offsets;
    taken = batcher.take(now);
    for (const auto& each : taken) offsets.push_back(each.task.incoming.offset);
    return offsets;
  }
  [[nodiscard]] bool due() const { return batcher.due(now, false); }

  TransactionBatcher::TimePoint now{1h};
  TransactionBatcher batcher{100ms};
  FinishedInputs taken;
  const PartitionPtr one = std::make_shared<Partition>(kafka::TopicPartition{"topic", 1}, OffsetTracker(), nullptr);
};

using Offsets = std::vector<std::int64_t>;

TEST_F(TransactionBatcherTest, NothingIsDueBeforeAnInputIsFinished) {
  EXPECT_FALSE(due());
  begin(1, 3);
  now += 1h;
  EXPECT_FALSE(due());
  EXPECT_FALSE(batcher.due(now, true)) << "not even in a hurry";
  EXPECT_EQ(batcher.due_at(), TransactionBatcher::TimePoint::max());
}

TEST_F(TransactionBatcherTest, ATransactionIsDueAtOnceWhereNothingElseWasBegun) {
  begin(1, 2);
  finish(1, 2);
  EXPECT_TRUE(due());
}

TEST_F(TransactionBatcherTest, WhatIsReadyWaitsForMoreWhileMoreWasBegun) {
  begin(1, 3);
  finish(1, 2);
  now += 99ms;
  EXPECT_FALSE(due());
  EXPECT_EQ(batcher.due_at(), now + 1ms);
  now += 1ms;
  EXPECT_TRUE(due());
}

TEST_F(TransactionBatcherTest, TheOldestThatIsReadyDecidesHowLongTheyWait) {
  begin(1, 9);
  finish(1, 2);
  now += 60ms;
  finish(2, 3);
  now += 40ms;
  EXPECT_TRUE(due());
}

TEST_F(TransactionBatcherTest, WhatIsFinishedBehindAnOpenRecordDoesNotBeginTheWait) {
  begin(1, 4);
  finish(2, 3);
  now += 1s;
  finish(1, 2);
  EXPECT_EQ(batcher.due_at(), now + 100ms);
}

TEST_F(TransactionBatcherTest, ManyAreDueAtOnce) {
  begin(0, 200);
  finish(0, 99);
  EXPECT_FALSE(due());
  finish(99, 100);
  EXPECT_TRUE(due());
}

TEST_F(TransactionBatcherTest, WhatIsReadyIsDueInAHurry) {
  begin(1, 3);
  finish(1, 2);
  EXPECT_TRUE(batcher.due(now, true));
}

TEST_F(TransactionBatcherTest, ATransactionTakesAtMostTenThousandAndTheRestWaitsFromThen) {
  begin(0, 10'002);
  finish_backwards(0, 10'001);
  now += 1s;
  EXPECT_EQ(take().size(), 10'000U);
  EXPECT_EQ(batcher.due_at(), now + 100ms);
  EXPECT_EQ(take(), (Offsets{10'000}));
  EXPECT_FALSE(batcher.any_ready());
}

TEST_F(TransactionBatcherTest, WhatIsPutBackWaitsFromTheEndOfItsTransactionAndComesFirst) {
  begin(1, 6);
  finish(1, 3);
  EXPECT_EQ(take(), (Offsets{1, 2}));
  now += 10s;
  batcher.put_back(std::move(taken));
  batcher.ended(now);
  EXPECT_EQ(batcher.due_at(), now + 100ms);
  finish(3, 4);
  EXPECT_EQ(take(), (Offsets{1, 2, 3}));
}

TEST_F(TransactionBatcherTest, TheEndOfATransactionDoesNotProlongTheWaitOfOthers) {
  begin(1, 6);
  finish(1, 2);
  EXPECT_EQ(take(), (Offsets{1}));
  finish(2, 3);
  const auto due_at = batcher.due_at();
  now += 50ms;
  batcher.ended(now);
  EXPECT_EQ(batcher.due_at(), due_at);
}

TEST_F(TransactionBatcherTest, HalvingGoesOnUntilOneIsAlone) {
  begin(0, 8);
  finish(0, 8);
  for (const std::size_t size : {8U, 4U, 2U, 1U}) {
    ASSERT_EQ(take().size(), size);
    batcher.halve(size);
    batcher.put_back(std::move(taken));
  }
}

TEST_F(TransactionBatcherTest, AfterHalvingEachCommitDoublesWhatIsTaken) {
  begin(0, 40);
  finish(0, 40);
  batcher.halve(2);
  for (const std::size_t size : {1U, 2U, 4U, 8U}) {
    EXPECT_EQ(take().size(), size);
    batcher.committed();
  }
}

TEST_F(TransactionBatcherTest, NoNumberOfCommitsMakesTransactionsLarger) {
  for (int i = 0; i < 100; ++i) batcher.committed();
  begin(0, 10'001);
  finish_backwards(0, 10'001);
  EXPECT_EQ(take().size(), 10'000U);
}

}  // namespace
}  // namespace conveyor::worker
