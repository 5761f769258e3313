#include "transactions/transaction_recovery.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "unit/transactions/transactions_under_test.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using Step = TransactionStep;
using Result = kafka::TransactionalProducer::Result;

FakeTransactionBrokers::Answer answer(Result result, rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR) {
  return FakeTransactionBrokers::answer(result, error);
}

class TransactionRecoveryTest : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(under.brokers.wrong, std::vector<std::string>());
    for (const auto& [id, endings] : under.listener.endings) EXPECT_EQ(endings.size(), 1U);
  }
  /// The answer to the next commit is lost with the client. @param done whether the brokers did it
  void lose_commit(bool done) {
    auto lost = answer(Result::kFatal, RD_KAFKA_RESP_ERR__FATAL);
    lost.done = done;
    under.brokers.answer_next(Step::kCommit, lost);
  }
  void expect_committed(std::int64_t end) {
    EXPECT_EQ(under.committed(), inputs(1, 0, end));
    EXPECT_EQ(under.brokers.visible.size(), static_cast<std::size_t>(end));
    EXPECT_EQ(under.brokers.committed[1], end);
  }
  void forget_questions() { under.group.questions.clear(); }

  TransactionsUnderTest under;
  const worker::PartitionPtr one = under.add(1);
  const worker::PartitionPtr two = under.add(2);
};

TEST_F(TransactionRecoveryTest, ACommitThatWasDoneAndNotAnsweredIsNotDoneAgain) {
  under.handle(one, 0, 3);
  lose_commit(true);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.called(Step::kBegin), 1);
  EXPECT_TRUE(under.listener.stored_offsets.empty()) << "the metadata beside it is not known to be this one";
}

TEST_F(TransactionRecoveryTest, ACommitThatWasNotDoneIsDoneAgain) {
  under.handle(one, 0, 3);
  lose_commit(false);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.called(Step::kBegin), 2);
}

TEST_F(TransactionRecoveryTest, ACommitMayBeLostAgainAndAgain) {
  under.handle(one, 0, 3);
  for (const bool done : {false, false, true}) lose_commit(done);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.clients, 4);
}

TEST_F(TransactionRecoveryTest, TheNextTransactionGoesOnBehindWhatWasCommittedWithoutAnAnswer) {
  under.handle(one, 0, 3);
  lose_commit(true);
  under.run();
  under.handle(one, 3, 5);
  under.run();
  expect_committed(5);
}

TEST_F(TransactionRecoveryTest, TheGroupIsAskedOnlyWhereACommitWasAskedFor) {
  for (const Step step : {Step::kBegin, Step::kProduce, Step::kSendOffsets}) {
    TransactionsUnderTest each;
    const auto partition = each.add(1);
    partition->stored_offset.found(each.clock.now());  // so that the attempts need not ask
    each.handle(partition, 0, 3);
    each.brokers.answer_next(step, answer(Result::kFatal));
    each.group.silent = true;
    each.run();
    EXPECT_EQ(each.committed(), inputs(1, 0, 3));
    EXPECT_TRUE(each.group.questions.empty());
  }
}

TEST_F(TransactionRecoveryTest, ACommitOfTheAttemptBeforeIsNotAskedAbout) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(Step::kCommit, answer(Result::kAbort, RD_KAFKA_RESP_ERR_NOT_COORDINATOR));
  under.run();
  under.handle(one, 3, 5);
  under.brokers.answer_next(Step::kProduce, answer(Result::kFatal));
  forget_questions();
  one->stored_offset.found(under.clock.now());
  under.run();
  expect_committed(5);
  EXPECT_TRUE(under.group.questions.empty());
}

TEST_F(TransactionRecoveryTest, ASilentCoordinatorIsWaitedForAndTheWaitingIsSaid) {
  for (const bool done : {true, false}) {
    TransactionsUnderTest each;
    const auto partition = each.add(1);
    each.handle(partition, 0, 3);
    auto lost = answer(Result::kFatal);
    lost.done = done;
    each.brokers.answer_next(Step::kCommit, lost);
    each.at(Step::kCommit, [&] { each.group.silent = true; });
    each.in(100s, [&] { each.group.silent = false; });
    each.run();
    EXPECT_EQ(each.committed(), inputs(1, 0, 3));
    EXPECT_EQ(each.brokers.visible.size(), 3U);
    EXPECT_TRUE(each.brokers.wrong.empty());
    EXPECT_TRUE(each.says("it is not known whether a transaction of 3 inputs was committed"));
    const auto said = each.observer->events(Event::Kind::kClientError).size();
    EXPECT_GE(said, 3U);
    EXPECT_LE(said, 5U);
  }
}

TEST_F(TransactionRecoveryTest, APartOfTheAnswerIsNone) {
  under.handle(one, 0, 3);
  under.handle(two, 0, 2);
  lose_commit(true);
  under.at(Step::kCommit, [&] { under.group.untold = {2}; });
  under.in(5s, [&] { under.group.untold = {}; });
  under.run();
  EXPECT_EQ(under.committed().size(), 5U);
  EXPECT_EQ(under.brokers.transactions.size(), 1U);
  EXPECT_GE(under.passed(), 5s);
}

TEST_F(TransactionRecoveryTest, AStopEndsTheQuestionAndLeavesTheInputsInDoubt) {
  under.handle(one, 0, 3);
  lose_commit(true);
  under.at(Step::kCommit, [&] { under.group.silent = true; });
  under.in(20s, [&] { under.engine.stop(); });
  under.run();
  EXPECT_TRUE(under.ended);
  EXPECT_EQ(under.uncommitted(), inputs(1, 0, 3));
  EXPECT_TRUE(one->in_doubt);
}

TEST_F(TransactionRecoveryTest, APartitionThatLeavesMeanwhileIsCommittedAndTold) {
  under.handle(one, 0, 3);
  under.handle(two, 0, 2);
  lose_commit(true);
  bool released = true;
  under.at(Step::kCommit, [&] { released = under.release(one); });
  under.run();
  EXPECT_FALSE(released);
  EXPECT_EQ(under.committed().size(), 5U);
}

TEST_F(TransactionRecoveryTest, APartitionThatLeavesUncommittedMeanwhileIsInDoubt) {
  under.handle(one, 0, 3);
  under.handle(two, 0, 2);
  lose_commit(false);
  under.at(Step::kCommit, [&] { static_cast<void>(under.release(one)); });
  under.run();
  EXPECT_TRUE(one->in_doubt) << "what the group says may be older than a commit";
  EXPECT_FALSE(two->in_doubt);
  EXPECT_TRUE(under.release(one));
  EXPECT_EQ(under.committed(), inputs(2, 0, 2));
  EXPECT_EQ(under.brokers.committed[1], 0);
}

TEST_F(TransactionRecoveryTest, APartitionThatLeavesAWorkerThatNeverAskedToCommitIsNotInDoubt) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(Step::kSendOffsets, answer(Result::kFatal));
  under.at(Step::kSendOffsets, [&] { EXPECT_TRUE(under.release(one)); });
  under.run();
  EXPECT_FALSE(one->in_doubt);
  EXPECT_TRUE(under.brokers.transactions.empty());
}

TEST_F(TransactionRecoveryTest, FencingMaySucceedLater) {
  under.handle(one, 0, 3);
  lose_commit(false);
  under.brokers.answer_next(Step::kInit, answer(Result::kAgain), 7);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.clients, 2);
}

TEST_F(TransactionRecoveryTest, AClientThatCannotFenceIsReplacedToo) {
  for (const auto result : {Result::kAbort, Result::kFatal, Result::kFenced}) {
    TransactionsUnderTest each;
    const auto partition = each.add(1);
    each.handle(partition, 0, 3);
    each.brokers.answer_next(Step::kCommit, answer(Result::kFatal));
    each.brokers.answer_next(Step::kInit, answer(result), 3);
    each.run();
    EXPECT_EQ(each.committed(), inputs(1, 0, 3));
    EXPECT_EQ(each.brokers.clients, 5);
    EXPECT_EQ(each.brokers.destroyed, 4);
    EXPECT_GE(each.passed(), 20ms + 40ms + 80ms) << "with longer and longer waits";
  }
}

TEST_F(TransactionRecoveryTest, ARightToTransactThatIsTakenAwayEndsTheWorker) {
  under.handle(one, 0, 3);
  lose_commit(false);
  under.brokers.answer_next(Step::kInit,
                            answer(Result::kFatal, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED), 100);
  under.run();
  EXPECT_EQ(under.listener.failures, std::vector{errc::not_authorized});
  EXPECT_NE(under.listener.last_text.find("transactions as \"readers-0\" cannot be begun"), std::string::npos);
  EXPECT_EQ(under.uncommitted(), inputs(1, 0, 3));
  EXPECT_EQ(under.brokers.clients, 2) << "another would be refused too";
}

TEST_F(TransactionRecoveryTest, AStopEndsFencing) {
  for (const auto result : {Result::kAgain, Result::kFatal}) {
    TransactionsUnderTest each;
    const auto partition = each.add(1);
    each.handle(partition, 0, 3);
    each.brokers.answer_next(Step::kCommit, answer(Result::kFatal));
    each.brokers.answer_next(Step::kInit, answer(result), 10'000);
    each.in(3s, [&] { each.engine.stop(); });
    each.run();
    EXPECT_TRUE(each.ended);
    EXPECT_EQ(each.uncommitted(), inputs(1, 0, 3));
    EXPECT_LT(each.passed(), 5s);
  }
}

TEST_F(TransactionRecoveryTest, AWorkerThatIsFencedOfItsCommitInDoubtLearnsThatItWasDone) {
  under.handle(one, 0, 3);
  auto late = answer(Result::kFenced, RD_KAFKA_RESP_ERR__FENCED);
  late.done = true;
  late.takes = 10s;
  under.brokers.answer_next(Step::kCommit, late);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.called(Step::kBegin), 1);
}

TEST_F(TransactionRecoveryTest, AnAbortThatFailsAfterACommitLeavesTheEndToTheGroup) {
  under.handle(one, 0, 3);
  auto lost = answer(Result::kAbort, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  under.brokers.answer_next(Step::kCommit, lost);
  under.brokers.answer_next(Step::kAbort, answer(Result::kFatal));
  forget_questions();
  under.run();
  expect_committed(3);
  EXPECT_GE(under.group.questions.size(), 1U);
}

}  // namespace
}  // namespace conveyor::tests
