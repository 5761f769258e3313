#include "transactions/transaction_queue.h"

#include <gtest/gtest.h>

#include <chrono>

#include "unit/transactions/transactions_under_test.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using Step = TransactionStep;
using Result = kafka::TransactionalProducer::Result;

class TransactionQueueTest : public testing::Test {
 protected:
  /// Finishes outputs that take all the room there is, behind a record that is not finished.
  void fill(const worker::PartitionPtr& partition, std::int64_t from) {
    under.engine.queue().begin(partition, from);
    under.engine.queue().begin(partition, from + 1);
    under.finish(partition, from + 1, 2'000);
  }
  /// @return how long one waits before a record of the partition is handled
  std::chrono::milliseconds wait_for_room(const worker::PartitionPtr& partition) {
    const auto before = under.passed();
    under.engine.queue().wait_for_room(*partition);
    return under.passed() - before;
  }

  TransactionsUnderTest under{1'000};
  const worker::PartitionPtr one = under.add(1);
  const worker::PartitionPtr two = under.add(2);
};

TEST_F(TransactionQueueTest, WhatIsFinishedBehindARecordThatWillNotBeIsUncommitted) {
  for (int offset = 0; offset < 4; ++offset) under.engine.queue().begin(one, offset);
  under.finish(one, 2);
  under.engine.queue().block(*one, 1);
  EXPECT_EQ(under.uncommitted(), inputs(1, 2, 3));
  under.finish(one, 3);
  under.finish(one, 0);
  under.run();
  EXPECT_EQ(under.uncommitted(), inputs(1, 2, 4));
  EXPECT_EQ(under.committed(), inputs(1, 0, 1));
}

TEST_F(TransactionQueueTest, ABlockedRecordNoLongerHoldsUpWhatIsBeforeIt) {
  under.engine.queue().begin(one, 0);
  under.engine.queue().begin(one, 1);
  under.finish(one, 0);
  under.engine.queue().block(*one, 1);
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 1));
  EXPECT_LT(under.passed(), 100ms) << "nothing else is waited for";
}

TEST_F(TransactionQueueTest, NobodyWaitsWhileThereIsRoom) {
  under.engine.queue().begin(one, 0);
  under.finish(one, 0, 900);
  EXPECT_EQ(wait_for_room(one), 0ms);
}

TEST_F(TransactionQueueTest, NobodyWaitsForWhatCannotBeCommittedBeforeHim) {
  fill(one, 0);
  EXPECT_EQ(wait_for_room(one), 0ms) << "this may be the record that all wait for";
}

TEST_F(TransactionQueueTest, OneWaitsUntilWhatIsKeptIsCommitted) {
  fill(one, 0);
  under.finish(one, 0, 2'000);
  under.on_wait = [&] {
    if (under.passed() >= 300ms) under.on_wait = nullptr, under.run();
  };
  const auto waited = wait_for_room(two);
  EXPECT_GE(waited, 300ms);
  EXPECT_LT(waited, 1s);
  EXPECT_EQ(under.committed(), inputs(1, 0, 2));
}

TEST_F(TransactionQueueTest, WhatFillsHalfTheRoomIsCommittedAtOnce) {
  under.engine.queue().begin(one, 0);
  under.engine.queue().begin(one, 1);
  under.finish(one, 0, 600);
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 1));
  EXPECT_LT(under.passed(), 100ms);
}

TEST_F(TransactionQueueTest, NobodyWaitsForAPartitionThatLeaves) {
  fill(one, 0);
  under.finish(one, 0, 2'000);
  under.in(200ms, [&] { two->become(worker::Partition::State::kRevoking); });
  EXPECT_LE(wait_for_room(two), 300ms);
}

TEST_F(TransactionQueueTest, NobodyWaitsOnceTheWorkerStops) {
  fill(one, 0);
  under.finish(one, 0, 2'000);
  under.in(200ms, [&] { under.engine.stop(); });
  EXPECT_LE(wait_for_room(two), 300ms);
}

TEST_F(TransactionQueueTest, NobodyWaitsOnceNothingWillBeCommittedAnyMore) {
  fill(one, 0);
  under.finish(one, 0, 2'000);
  under.brokers.answer_next(Step::kBegin, FakeTransactionBrokers::answer(Result::kFenced));
  under.run();
  ASSERT_EQ(under.listener.failures.size(), 1U);
  fill(two, 0);
  EXPECT_EQ(wait_for_room(two), 0ms);
  under.finish(two, 0);
  EXPECT_EQ(under.uncommitted().size(), 4U) << "what comes later is uncommitted too";
}

TEST_F(TransactionQueueTest, WhatWasFinishedAndNotTakenLeavesWithItsPartition) {
  under.engine.queue().begin(one, 0);
  under.engine.queue().begin(one, 1);
  under.finish(one, 0);
  EXPECT_TRUE(under.release(one));
  under.run();
  EXPECT_TRUE(under.listener.endings.empty()) << "without a word";
  EXPECT_TRUE(under.brokers.transactions.empty());
  under.finish(one, 1);
  EXPECT_EQ(under.uncommitted(), inputs(1, 1, 2)) << "what is finished later is told";
}

TEST_F(TransactionQueueTest, APartitionLeavesAtOnceWhereNoTransactionHasIt) {
  under.handle(one, 0, 3);
  bool released = false;
  under.at(Step::kCommit, [&] { released = under.release(two); });
  under.run();
  EXPECT_TRUE(released);
  EXPECT_EQ(under.committed(), inputs(1, 0, 3));
}

TEST_F(TransactionQueueTest, ItIsNotCertainWithinItsTimeOfATransactionThatIsAskedToCommit) {
  under.handle(one, 0, 3);
  bool released = true;
  std::chrono::milliseconds took{0};
  under.at(Step::kCommit, [&] {
    const auto before = under.passed();
    released = under.release(one, 300ms);
    took = under.passed() - before;
  });
  under.run();
  EXPECT_FALSE(released);
  EXPECT_EQ(took, 300ms);
  EXPECT_EQ(under.committed(), inputs(1, 0, 3));
  EXPECT_TRUE(under.release(one)) << "once it has ended";
}

}  // namespace
}  // namespace conveyor::tests
