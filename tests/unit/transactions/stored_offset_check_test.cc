#include "transactions/stored_offset_check.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "unit/transactions/transactions_under_test.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using Step = TransactionStep;
using Result = kafka::TransactionalProducer::Result;
using Questions = std::vector<std::vector<std::int32_t>>;

class StoredOffsetCheckTest : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(under.brokers.wrong, std::vector<std::string>());
    for (const auto& [id, endings] : under.listener.endings) EXPECT_EQ(endings.size(), 1U);
  }
  /// Sending the outputs takes so long.
  void outputs_take(std::chrono::milliseconds time) {
    auto late = FakeTransactionBrokers::answer(Result::kOk);
    late.takes = time;
    under.brokers.answer_next(Step::kProduce, late);
  }

  TransactionsUnderTest under;
  const worker::PartitionPtr one = under.add(1);
  const worker::PartitionPtr two = under.add(2);
};

TEST_F(StoredOffsetCheckTest, TheGroupIsAskedOnceForTransactionsThatFollowEachOther) {
  for (int offset = 0; offset < 5; ++offset) {
    under.handle(one, offset, offset + 1);
    under.run();
  }
  EXPECT_EQ(under.committed(), inputs(1, 0, 5));
  EXPECT_EQ(under.group.questions, (Questions{{1}}));
}

TEST_F(StoredOffsetCheckTest, TheGroupIsAskedAgainAfterAPause) {
  under.handle(one, 0, 1);
  under.run();
  under.clock.advance(100ms);
  under.handle(one, 1, 2);
  under.run();
  EXPECT_EQ(under.group.questions, (Questions{{1}, {1}}));
}

TEST_F(StoredOffsetCheckTest, TheQuestionIsAboutAllThatItIsTimeFor) {
  under.engine.queue().begin(two, 0);
  under.engine.queue().begin(one, 0);
  under.engine.queue().begin(one, 1);
  under.finish(one, 0);
  under.run();
  ASSERT_EQ(under.group.questions.size(), 1U);
  EXPECT_EQ(under.group.questions.front().size(), 2U);
}

TEST_F(StoredOffsetCheckTest, NobodyIsAskedAboutAPartitionThatNeverHadAnOffset) {
  const auto fresh =
      std::make_shared<worker::Partition>(kafka::TopicPartition{"images", 3}, worker::OffsetTracker(), nullptr);
  under.handle(fresh, 0, 2);
  under.group.silent = true;
  under.run();
  EXPECT_EQ(under.committed(), inputs(3, 0, 2));
  EXPECT_TRUE(under.group.questions.empty());
}

TEST_F(StoredOffsetCheckTest, NothingIsSentBeforeTheGroupHasTold) {
  under.handle(one, 0, 2);
  under.group.silent = true;
  under.in(3s, [&] {
    EXPECT_EQ(under.brokers.called(Step::kProduce), 0);
    under.group.silent = false;
  });
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 2));
  EXPECT_GE(under.passed(), 3s);
}

TEST_F(StoredOffsetCheckTest, ACoordinatorThatStaysSilentDoesNotHoldUpForEver) {
  under.handle(one, 0, 2);
  under.group.silent = true;
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 2));
  EXPECT_GE(under.passed(), 7'750ms) << "as AnswerLimit says";
  EXPECT_LT(under.passed(), 10s);
}

TEST_F(StoredOffsetCheckTest, AnAnswerAboutOthersOnlyIsNone) {
  under.handle(one, 0, 2);
  under.handle(two, 0, 2);
  under.group.untold = {2};
  under.in(2s, [&] { under.group.untold = {}; });
  under.run();
  EXPECT_EQ(under.committed().size(), 4U);
  EXPECT_GE(under.passed(), 2s);
}

TEST_F(StoredOffsetCheckTest, NothingOfATopicThatWasRecreatedIsCommitted) {
  under.handle(one, 0, 2);
  under.handle(two, 0, 2);
  under.group.forgotten = {1};
  under.in(5s, [&] { EXPECT_TRUE(under.release(one)); });
  under.run();
  EXPECT_EQ(under.committed(), inputs(2, 0, 2));
  ASSERT_FALSE(under.group.dropped_partitions.empty()) << "the reading thread is told";
  EXPECT_EQ(under.group.dropped_partitions.front(), 1);
  EXPECT_EQ(under.brokers.committed[1], 0);
  EXPECT_TRUE(under.says("a topic was recreated"));
}

TEST_F(StoredOffsetCheckTest, ATopicOnceFoundAnewIsNotCommittedWithoutAnAnswerEither) {
  under.handle(one, 0, 2);
  under.group.forgotten = {1};
  under.group.on_dropped = [&](worker::Partition&) { under.group.silent = true; };
  bool released = false;
  under.in(60s, [&] { released = under.release(one); });
  under.run();
  EXPECT_TRUE(released);
  EXPECT_TRUE(under.brokers.transactions.empty());
}

TEST_F(StoredOffsetCheckTest, AnOffsetThatIsThereAgainLetsItGoOn) {
  under.handle(one, 0, 2);
  under.group.forgotten = {1};
  under.in(3s, [&] { under.group.forgotten = {}; });
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 2));
}

TEST_F(StoredOffsetCheckTest, APartitionThatLeavesNeedNotWaitForTheAnswer) {
  under.handle(one, 0, 2);
  under.handle(two, 0, 2);
  under.group.silent = true;
  under.in(1s, [&] {
    EXPECT_TRUE(under.release(one));
    under.group.silent = false;
  });
  under.run();
  EXPECT_EQ(under.committed(), inputs(2, 0, 2));
  EXPECT_EQ(under.brokers.called(Step::kAbort), 1);
}

TEST_F(StoredOffsetCheckTest, TheLastPartitionThatLeavesEndsTheQuestion) {
  under.handle(one, 0, 2);
  under.group.silent = true;
  under.in(1s, [&] { EXPECT_TRUE(under.release(one)); });
  under.run();
  EXPECT_EQ(under.brokers.called(Step::kProduce), 0);
  EXPECT_LT(under.passed(), 4s) << "AnswerLimit would ask for longer";
}

TEST_F(StoredOffsetCheckTest, AStopEndsTheQuestion) {
  under.handle(one, 0, 2);
  under.group.silent = true;
  under.in(1s, [&] { under.engine.stop(); });
  under.run();
  EXPECT_TRUE(under.ended);
  EXPECT_EQ(under.uncommitted(), inputs(1, 0, 2));
  EXPECT_LT(under.passed(), 5s) << "the one that is asked is waited for";
}

TEST_F(StoredOffsetCheckTest, OutputsThatTookLongAreFollowedByAnotherQuestion) {
  under.handle(one, 0, 2);
  outputs_take(1s);
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 2));
  EXPECT_EQ(under.group.questions, (Questions{{1}, {1}}));
}

TEST_F(StoredOffsetCheckTest, AnAnswerIsAsOldAsItsQuestion) {
  under.handle(one, 0, 2);
  under.group.answers_after = 200ms;
  outputs_take(850ms);
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 2));
  EXPECT_EQ(under.group.questions, (Questions{{1}, {1}}));
}

TEST_F(StoredOffsetCheckTest, OutputsThatTookLessAreNot) {
  under.handle(one, 0, 2);
  outputs_take(950ms);
  under.run();
  EXPECT_EQ(under.group.questions, (Questions{{1}}));
}

TEST_F(StoredOffsetCheckTest, WithoutAnAnswerInTimeTheTransactionIsDoneAgain) {
  under.handle(one, 0, 2);
  outputs_take(2s);
  under.at(Step::kProduce, [&] {
    under.group.silent = true;
    under.in(1s, [&] { under.group.silent = false; });
  });
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 2));
  EXPECT_EQ(under.brokers.called(Step::kAbort), 1);
  EXPECT_TRUE(under.says("the coordinator of group readers did not tell the committed offsets in time"));
}

TEST_F(StoredOffsetCheckTest, ATopicThatWasRecreatedWhileOutputsWereSentIsNotCommitted) {
  under.handle(one, 0, 2);
  outputs_take(2s);
  under.at(Step::kProduce, [&] { under.group.forgotten = {1}; });
  under.in(10s, [&] { EXPECT_TRUE(under.release(one)); });
  under.run();
  EXPECT_TRUE(under.brokers.transactions.empty());
  EXPECT_EQ(under.brokers.called(Step::kSendOffsets), 0);
}

}  // namespace
}  // namespace conveyor::tests
