#include "transactions/transaction_committer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "unit/transactions/transactions_under_test.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using Step = TransactionStep;
using Result = kafka::TransactionalProducer::Result;
constexpr auto kTrouble = RD_KAFKA_RESP_ERR_NOT_COORDINATOR;

FakeTransactionBrokers::Answer answer(Result result, rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR) {
  return FakeTransactionBrokers::answer(result, error);
}

class TransactionCommitterTest : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(under.brokers.wrong, std::vector<std::string>());
    for (const auto& [id, endings] : under.listener.endings) {
      EXPECT_EQ(endings.size(), 1U) << "partition " << id.first << " offset " << id.second;
    }
  }
  /// All of one partition's are committed, with their outputs, once.
  void expect_committed(std::int64_t end) {
    EXPECT_EQ(under.committed(), inputs(1, 0, end));
    EXPECT_EQ(under.brokers.visible.size(), static_cast<std::size_t>(end));
    EXPECT_EQ(under.brokers.committed[1], end);
  }
  void expect_given_up(std::int64_t end) {
    EXPECT_EQ(under.uncommitted(), inputs(1, 0, end));
    EXPECT_TRUE(one->in_doubt);
    EXPECT_TRUE(under.brokers.visible.empty());
  }

  TransactionsUnderTest under;
  const worker::PartitionPtr one = under.add(1);
  const worker::PartitionPtr two = under.add(2);
};

TEST_F(TransactionCommitterTest, OutputsAndOffsetsAreCommittedTogether) {
  under.handle(one, 0, 5);
  under.run();
  expect_committed(5);
  EXPECT_EQ(under.brokers.transactions, std::vector<std::size_t>{5});
  EXPECT_FALSE(one->in_doubt);
}

TEST_F(TransactionCommitterTest, PartitionsShareATransaction) {
  under.handle(one, 0, 2);
  under.handle(two, 0, 3);
  under.run();
  EXPECT_EQ(under.brokers.transactions, std::vector<std::size_t>{5});
  EXPECT_EQ(under.brokers.committed[1], 2);
  EXPECT_EQ(under.brokers.committed[2], 3);
  EXPECT_EQ(under.committed().size(), 5U);
}

TEST_F(TransactionCommitterTest, TheMemberIsToldOnceWhatWasStoredOfAPartition) {
  under.handle(one, 0, 5);
  under.run();
  EXPECT_EQ(under.listener.stored_offsets, std::vector<std::int64_t>{5});
}

TEST_F(TransactionCommitterTest, OneTransactionFollowsAnother) {
  under.handle(one, 0, 2);
  under.run();
  under.handle(one, 2, 4);
  under.run();
  expect_committed(4);
  EXPECT_EQ(under.brokers.transactions, (std::vector<std::size_t>{2, 2}));
}

TEST_F(TransactionCommitterTest, InputsWithoutOutputsAreCommittedToo) {
  under.engine.queue().begin(one, 0);
  under.engine.queue().finish(under.task(one, 0), {});
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 1));
  EXPECT_EQ(under.brokers.committed[1], 1);
}

TEST_F(TransactionCommitterTest, OutputsAreFreeOnceTheyAreCommitted) {
  TransactionsUnderTest small(1'000);
  const auto partition = small.add(1);
  small.engine.queue().begin(partition, 0);
  small.finish(partition, 0, 5'000);
  small.run();
  small.engine.queue().wait_for_room(*partition);  // would not return
  EXPECT_EQ(small.clock.waits_until - small.clock.now() > 1h, true) << "nothing was waited for";
}

std::string name_of(Step step) {
  switch (step) {
    case Step::kInit:
      return "Init";
    case Step::kBegin:
      return "Begin";
    case Step::kProduce:
      return "Output";
    case Step::kSendOffsets:
      return "Offsets";
    case Step::kCommit:
      return "Commit";
    case Step::kAbort:
      return "Abort";
  }
  return {};
}
std::string name_of_case(const testing::TestParamInfo<Step>& info) { return name_of(info.param); }

/// What holds at whichever step something happens.
class AtEachStep : public TransactionCommitterTest, public testing::WithParamInterface<Step> {};

INSTANTIATE_TEST_SUITE_P(Transactions, AtEachStep, testing::Values(Step::kProduce, Step::kSendOffsets, Step::kCommit),
                         name_of_case);

TEST_P(AtEachStep, WhatMaySucceedLaterIsCalledAgain) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(GetParam(), answer(Result::kAgain, RD_KAFKA_RESP_ERR__TIMED_OUT), 5);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.clients, 1);
  EXPECT_EQ(under.brokers.called(Step::kBegin), 1) << "within the same transaction";
}

TEST_F(TransactionCommitterTest, ATransactionThatCannotBeginYetIsBegunLater) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(Step::kBegin, answer(Result::kAgain, RD_KAFKA_RESP_ERR__TIMED_OUT), 5);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.clients, 1);
  EXPECT_EQ(under.brokers.called(Step::kBegin), 6);
}

TEST_P(AtEachStep, WhatMustBeAbortedIsDoneAgainWithTheSameOutputs) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(GetParam(), answer(Result::kAbort, kTrouble), 4);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.called(Step::kAbort), 4);
  EXPECT_EQ(under.brokers.clients, 1);
  EXPECT_TRUE(under.says("a transaction of 3 inputs is repeated: as the test says"));
}

TEST_P(AtEachStep, AnotherClientTakesThePlaceOfOneThatCannotGoOn) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(GetParam(), answer(Result::kFatal, RD_KAFKA_RESP_ERR__FATAL), 2);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.clients, 3);
  EXPECT_EQ(under.brokers.destroyed, 2) << "each old one ends before the next begins";
  EXPECT_EQ(under.observer->events(Event::Kind::kRecovered).size(), 2U);
}

TEST_P(AtEachStep, BeingFencedOutOfNothingEndsTheWorker) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(GetParam(), answer(Result::kFenced, RD_KAFKA_RESP_ERR__FENCED));
  under.run();
  expect_given_up(3);
  EXPECT_EQ(under.listener.failures, std::vector{errc::fatal});
  EXPECT_NE(under.listener.last_text.find("another worker now uses the transactional id \"readers-0\""),
            std::string::npos);
  EXPECT_EQ(under.brokers.clients, 1);
}

TEST_P(AtEachStep, BeingFencedAfterTroubleTakesTheIdBack) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(GetParam(), answer(Result::kAbort, kTrouble));
  under.brokers.answer_next(GetParam(), answer(Result::kFenced, RD_KAFKA_RESP_ERR__FENCED));
  under.run();
  expect_committed(3);
  EXPECT_TRUE(under.listener.failures.empty());
}

TEST_P(AtEachStep, BeingFencedAfterTheTimeOfATransactionTakesTheIdBack) {
  under.handle(one, 0, 3);
  auto late = answer(Result::kFenced, RD_KAFKA_RESP_ERR__FENCED);
  late.takes = 10s;
  under.brokers.answer_next(GetParam(), late);
  under.run();
  expect_committed(3);
  EXPECT_TRUE(under.listener.failures.empty());
}

TEST_P(AtEachStep, AStopGivesUpWhatIsNotCommitted) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(GetParam(), answer(Result::kAgain), 10);
  under.at(GetParam(), [&] { under.engine.stop(); });
  under.run();
  expect_given_up(3);
  EXPECT_TRUE(under.ended);
  EXPECT_EQ(under.brokers.called(GetParam()), 1) << "it is not called again";
}

TEST_P(AtEachStep, AStopDoesNotKeepWhatSucceedsFromBeingCommitted) {
  under.handle(one, 0, 3);
  under.at(GetParam(), [&] { under.engine.stop(); });
  under.run();
  expect_committed(3);
  EXPECT_TRUE(under.ended);
}

TEST_P(AtEachStep, APartitionThatLeavesIsEitherCommittedBeforeOrNotAtAll) {
  under.handle(one, 0, 3);
  under.handle(two, 0, 2);
  bool released = false;
  under.at(GetParam(), [&] { released = under.release(one); });
  under.run();
  EXPECT_EQ(released, GetParam() != Step::kCommit);
  EXPECT_EQ(under.brokers.committed[1], released ? 0 : 3);
  EXPECT_EQ(under.brokers.committed[2], 2) << "the others' goes on";
  EXPECT_EQ(under.committed().size(), released ? 2U : 5U);
}

TEST_P(AtEachStep, APartitionThatLeavesDuringTroubleIsNotCommittedLater) {
  under.handle(one, 0, 3);
  under.handle(two, 0, 2);
  under.brokers.answer_next(GetParam(), answer(Result::kAbort, kTrouble));
  bool released = false;
  under.at(Step::kAbort, [&] { released = under.release(one); });
  under.run();
  released = released || under.release(one);
  EXPECT_TRUE(released);
  EXPECT_EQ(under.brokers.committed[1], 0);
  EXPECT_EQ(under.committed(), inputs(2, 0, 2));
}

TEST_P(AtEachStep, ALastPartitionThatLeavesEndsItsTransaction) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(GetParam(), answer(Result::kAgain), 3);
  under.brokers.answer_next(GetParam(), answer(Result::kAbort, kTrouble));
  under.at(Step::kAbort, [&] { static_cast<void>(under.release(one)); });
  under.run();
  EXPECT_TRUE(under.release(one));
  EXPECT_TRUE(under.listener.endings.empty());
  EXPECT_TRUE(under.brokers.transactions.empty());
  EXPECT_EQ(under.brokers.called(Step::kBegin), 1) << "there is nothing to be done again";
}

TEST_P(AtEachStep, ARightThatIsMissingFromTheBeginningEndsTheWorker) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(GetParam(), answer(Result::kAbort, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  under.run();
  expect_given_up(3);
  EXPECT_EQ(under.listener.failures, std::vector{errc::not_authorized});
  EXPECT_NE(under.listener.last_text.find("check the rights of this user"), std::string::npos);
}

TEST_P(AtEachStep, ARightThatIsTakenAwayIsWaitedFor) {
  under.handle(one, 0, 1);
  under.run();
  under.handle(one, 1, 4);
  under.brokers.answer_next(GetParam(), answer(Result::kAbort, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), 5);
  under.run();
  expect_committed(4);
  EXPECT_TRUE(under.listener.failures.empty());
  const auto waits = under.observer->events(Event::Kind::kOutputFailed);
  ASSERT_EQ(waits.size(), 5U);
  EXPECT_EQ(waits.front().offset, 1);
  EXPECT_NE(waits.front().text.find("3 inputs wait, and nothing after them is committed"), std::string::npos);
}

TEST_P(AtEachStep, AnAbortThatMaySucceedLaterIsCalledAgain) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(GetParam(), answer(Result::kAbort, kTrouble));
  under.brokers.answer_next(Step::kAbort, answer(Result::kAgain), 4);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.clients, 1);
}

TEST_P(AtEachStep, AnAbortThatFailsIsLeftToTheNextClient) {
  for (const auto result : {Result::kFatal, Result::kAbort}) {
    TransactionsUnderTest each;
    const auto partition = each.add(1);
    each.handle(partition, 0, 3);
    each.brokers.answer_next(GetParam(), answer(Result::kAbort, kTrouble));
    each.brokers.answer_next(Step::kAbort, answer(result, kTrouble));
    each.run();
    EXPECT_EQ(each.committed(), inputs(1, 0, 3));
    EXPECT_EQ(each.brokers.clients, 2);
    EXPECT_TRUE(each.brokers.wrong.empty());
  }
}

TEST_P(AtEachStep, AnExceptionEndsTheWorkerAndLeavesThePartitionsInDoubt) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(GetParam(), answer(Result::kFatal));
  under.brokers.make_failures = 1;
  under.run();
  EXPECT_EQ(under.listener.broken, 1);
  EXPECT_EQ(under.listener.last_text, "no client today");
  EXPECT_TRUE(one->in_doubt);
  EXPECT_FALSE(two->in_doubt);
  under.handle(two, 0, 1);
  EXPECT_EQ(under.uncommitted(), inputs(2, 0, 1)) << "nothing is committed any more";
}

TEST_F(TransactionCommitterTest, OutputsThatFailedForAMissingRightAreNobodysFault) {
  under.handle(one, 0, 1);
  under.run();
  under.handle(one, 1, 2);
  auto refused = answer(Result::kAbort, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  refused.outputs_refused = true;
  under.brokers.answer_next(Step::kCommit, refused);
  under.brokers.answer_next(Step::kCommit, answer(Result::kAbort, kTrouble));
  under.run();
  expect_committed(2);
}

TEST_F(TransactionCommitterTest, OffsetsOfAPartitionThatHasLeftAreNotEvenSent) {
  under.handle(one, 0, 3);
  under.at(Step::kProduce, [&] { EXPECT_TRUE(under.release(one)); });
  under.run();
  EXPECT_EQ(under.brokers.called(Step::kSendOffsets), 0) << "for the group metadata may be of a later member";
}

TEST_F(TransactionCommitterTest, APartitionNeedNotWaitForATransactionThatItHasLeft) {
  under.handle(one, 0, 3);
  under.handle(two, 0, 2);
  under.brokers.answer_next(Step::kCommit, answer(Result::kAbort, kTrouble));
  bool first = true;
  bool second = false;
  under.at(Step::kCommit, [&] {
    first = under.release(one);
    under.at(Step::kCommit, [&] { second = under.release(one); });
  });
  under.run();
  EXPECT_FALSE(first);
  EXPECT_TRUE(second) << "the transaction that is asked to commit is the others'";
  EXPECT_EQ(under.committed(), inputs(2, 0, 2));
}

TEST_F(TransactionCommitterTest, ATransactionThatCannotBeBegunIsBegunByAnotherClient) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(Step::kBegin, answer(Result::kFatal));
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.brokers.clients, 2);
}

TEST_F(TransactionCommitterTest, BeingFencedWhileAbortingAfterTroubleTakesTheIdBack) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(Step::kCommit, answer(Result::kAbort, kTrouble));
  under.brokers.answer_next(Step::kAbort, answer(Result::kFenced, RD_KAFKA_RESP_ERR__FENCED));
  under.run();
  expect_committed(3);
}

TEST_F(TransactionCommitterTest, AnswersToACommitThatIsFencedMeanwhileAreNoTrouble) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(Step::kCommit, answer(Result::kAbort, RD_KAFKA_RESP_ERR_UNKNOWN));
  under.brokers.answer_next(Step::kAbort, answer(Result::kFenced, RD_KAFKA_RESP_ERR__FENCED));
  under.run();
  expect_given_up(3);
  EXPECT_EQ(under.listener.failures, std::vector{errc::fatal});
}

TEST_F(TransactionCommitterTest, AfterTheWorkerEndsNothingIsCommittedAnyMore) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(Step::kCommit, answer(Result::kFenced));
  under.run();
  under.handle(two, 0, 2);
  under.run();
  EXPECT_EQ(under.uncommitted().size(), 5U);
  EXPECT_EQ(under.brokers.called(Step::kBegin), 1);
}

TEST_F(TransactionCommitterTest, WhatWaitsWhenTheWorkerEndsIsGivenUpWithoutATransaction) {
  under.handle(one, 0, 3);
  under.at(Step::kCommit, [&] { under.handle(two, 0, 2); });
  under.brokers.answer_next(Step::kCommit, answer(Result::kFenced));
  under.run();
  EXPECT_EQ(under.uncommitted().size(), 5U);
  EXPECT_TRUE(two->in_doubt);
  EXPECT_EQ(under.brokers.called(Step::kBegin), 1);
  EXPECT_TRUE(under.says("2 handled inputs were not committed and are handled again: the worker stops"));
}

TEST_F(TransactionCommitterTest, ACallThatTakesLongSaysSoNowAndThen) {
  under.handle(one, 0, 3);
  auto again = answer(Result::kAgain);
  again.takes = 500ms;
  under.brokers.answer_next(Step::kSendOffsets, again, 100);  // 52 s
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.observer->events(Event::Kind::kClientError).size(), 2U) << "after 10 s and 30 s later";
  EXPECT_TRUE(under.says("waits and tries again: sending offsets to a transaction takes long: as the test says"));
}

TEST_F(TransactionCommitterTest, ATransactionIsDoneAgainAfterAWhileThatGrows) {
  under.handle(one, 0, 3);
  under.brokers.answer_next(Step::kCommit, answer(Result::kAbort, kTrouble), 4);
  under.run();
  expect_committed(3);
  EXPECT_GE(under.passed(), 300ms);
  EXPECT_LT(under.passed(), 400ms);
}

TEST_F(TransactionCommitterTest, AMemberThatHasLeftItsGroupCommitsNothing) {
  under.handle(one, 0, 3);
  under.group.has_left = true;
  under.in(500ms, [&] { under.group.has_left = false; });
  under.run();
  expect_committed(3);
  EXPECT_TRUE(under.says("the consumer has left its group"));
}

TEST_F(TransactionCommitterTest, MetadataThatBrokersDoNotTakeIsShortened) {
  one->lease.emplace(worker::PartitionLease::Options{}, std::nullopt, false);
  under.handle(one, 0, 3);
  under.brokers.answer_next(Step::kSendOffsets, answer(Result::kAbort, RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE), 2);
  under.run();
  expect_committed(3);
  EXPECT_EQ(under.group.shortened, 2);
  ASSERT_EQ(under.brokers.metadata.size(), 1U);
  EXPECT_LE(under.brokers.metadata.front().size(), under.group.metadata_limit);
}

TEST_F(TransactionCommitterTest, AListenerThatThrowsEndsTheWorker) {
  under.handle(one, 0, 3);
  under.listener.throws = true;
  under.run();
  EXPECT_EQ(under.listener.broken, 1);
  EXPECT_TRUE(one->in_doubt);
}

TEST_F(TransactionCommitterTest, AnOutputThatIsRefusedAmongManyIsFoundAndHandedBackAlone) {
  under.handle(one, 0, 40);
  under.brokers.refused = {under.output_of(one, 29)};
  under.run();
  EXPECT_EQ(under.handed_back(), inputs(1, 29, 30));
  EXPECT_EQ(under.committed(), inputs(1, 0, 29)) << "those behind it wait for it";
  EXPECT_EQ(under.listener.last_code, errc::message_too_large);
  EXPECT_EQ(under.listener.last_text, "the brokers do not take it");
}

TEST_F(TransactionCommitterTest, WhatIsHandledAgainIsCommittedInItsPlace) {
  std::optional<worker::Task> back;
  under.listener.on_handed_back = [&](worker::Task task) { back = std::move(task); };
  under.handle(one, 0, 10);
  under.brokers.refused = {under.output_of(one, 4)};
  under.run();
  ASSERT_TRUE(back);
  under.brokers.refused.clear();
  under.listener.endings.erase({1, 4});
  under.engine.queue().finish(*std::move(back), {});
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 10));
  EXPECT_EQ(under.brokers.committed[1], 10);
  EXPECT_EQ(under.brokers.visible.size(), 9U);
}

TEST_F(TransactionCommitterTest, OneThatIsRefusedDoesNotHoldUpOtherPartitions) {
  under.handle(one, 0, 5);
  under.handle(two, 0, 5);
  under.brokers.refused = {under.output_of(one, 0), under.output_of(two, 3)};
  under.run();
  EXPECT_EQ(under.handed_back(), (std::vector<InputId>{{1, 0}, {2, 3}}));
  EXPECT_EQ(under.committed(), inputs(2, 0, 3));
}

TEST_F(TransactionCommitterTest, ARefusedInputOfAPartitionThatLeavesIsNotHandledAgain) {
  under.handle(one, 0, 1);
  under.brokers.refused = {under.output_of(one, 0)};
  under.at(Step::kAbort, [&] { static_cast<void>(under.release(one)); });
  under.run();
  EXPECT_TRUE(under.listener.endings.empty());
  EXPECT_TRUE(under.release(one));
}

TEST_F(TransactionCommitterTest, WhatIsPutBackWhenAnOutputIsRefusedDoesNotHoldUpAPartitionThatLeaves) {
  under.handle(one, 0, 5);
  under.handle(two, 0, 5);
  under.brokers.refused = {under.output_of(one, 0)};
  under.at(Step::kAbort, [&] { static_cast<void>(under.release(one)); });
  under.run();
  EXPECT_TRUE(under.release(one));
  EXPECT_EQ(under.committed(), inputs(2, 0, 5));
  EXPECT_TRUE(under.handed_back().empty());
}

}  // namespace
}  // namespace conveyor::tests
