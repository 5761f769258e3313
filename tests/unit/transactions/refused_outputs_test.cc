#include "transactions/refused_outputs.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "unit/transactions/finished_inputs.h"
#include "unit/transactions/transactions_under_test.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using tests::finished_input;
using tests::new_partition;
using Failed = kafka::TransactionalProducer::Failed;

TEST(RefusedInputs, AreFoundAmongTheOutputsOfTheirInput) {
  FinishedInputs batch;
  batch.push_back(finished_input(new_partition(1), 4, {1, 2, 3}));
  batch.push_back(finished_input(new_partition(1), 5, {4}));
  const std::vector<Failed> failed{
      {.send = (*batch[0].outputs)[1].get(), .code = errc::message_too_large, .text = "first"},
      {.send = (*batch[0].outputs)[2].get(), .code = errc::message_too_large, .text = "second"}};
  const auto refused = refused_inputs(batch, failed);
  ASSERT_EQ(refused.size(), 1U) << "each input once";
  EXPECT_EQ(refused.front().offset, 4);
  EXPECT_EQ(refused.front().text, "first");
  EXPECT_EQ(refused.front().code, errc::message_too_large);
}

TEST(RefusedInputs, OfOtherTransactionsAreNobodys) {
  const auto other = tests::numbered_send(1);
  FinishedInputs batch;
  batch.push_back(finished_input(new_partition(1), 4, {1}));
  const std::vector<Failed> failed{{.send = other.get()}};
  EXPECT_TRUE(refused_inputs(batch, failed).empty());
}

TEST(RefusedInputs, AreNoneWhereNothingFailed) {
  FinishedInputs batch;
  batch.push_back(finished_input(new_partition(1), 4, {1}));
  EXPECT_TRUE(refused_inputs(batch, {}).empty());
}

TEST(RefusedInputs, AreSaidInTheOrderOfTheBatch) {
  const auto one = new_partition(1);
  const auto two = new_partition(2);
  FinishedInputs batch;
  batch.push_back(finished_input(one, 4, {1}));
  batch.push_back(finished_input(one, 5, {2}));
  batch.push_back(finished_input(two, 9, {3}));
  const std::vector<Failed> failed{
      {.send = batch[2].outputs->front().get(), .code = errc::message_too_large, .text = "large"},
      {.send = batch[0].outputs->front().get(), .code = errc::unknown_topic, .text = "unknown"}};
  const auto refused = refused_inputs(batch, failed);
  ASSERT_EQ(refused.size(), 2U);
  EXPECT_EQ(refused[0].partition, one);
  EXPECT_EQ(refused[0].offset, 4);
  EXPECT_EQ(refused[0].text, "unknown");
  EXPECT_EQ(refused[1].partition, two);
  EXPECT_EQ(refused[1].offset, 9);
  EXPECT_EQ(refused[1].text, "large");
}

/// A batch whose transaction was aborted, with what the client says of its outputs.
class HandBackRefused : public testing::Test {
 protected:
  using Ids = std::vector<tests::InputId>;

  /// Inputs from offset 0 on, each with one output that has its offset's number.
  FinishedInputs take(std::int64_t count) {
    const MutexLock lock{state.mutex};
    for (std::int64_t offset = 0; offset < count; ++offset) state.batcher.begin(one, offset);
    for (std::int64_t offset = 0; offset < count; ++offset) {
      EXPECT_FALSE(state.batcher.finish(finished_input(one, offset, {static_cast<int>(offset)}), clock.now()));
    }
    return state.batcher.take(clock.now());
  }
  /// The brokers refuse the transaction of these outputs because of the one of this number.
  void refuse(const FinishedInputs& batch, int number) {
    brokers.refused = {number};
    static_cast<void>(client->begin());
    for (const auto& input : batch) {
      client->keep(input.outputs);
      for (const auto& output : *input.outputs) static_cast<void>(client->produce(*output));
    }
    static_cast<void>(client->commit(1s));
    static_cast<void>(client->abort(1s));
  }
  /// The offsets that the next transaction takes.
  std::vector<std::int64_t> next() {
    const MutexLock lock{state.mutex};
    std::vector<std::int64_t> offsets;
    for (const auto& input : state.batcher.take(clock.now())) offsets.push_back(input.task.incoming.offset);
    return offsets;
  }

  tests::FakeClock clock;
  tests::FakeTransactionBrokers brokers{clock};
  tests::FakeGroupOffsets group{brokers};
  tests::CollectingListener listener;
  const ExactlyOnceOptions options{};
  const TransactionEvents events{std::make_shared<kafka::Reporter>(std::make_shared<tests::CollectingObserver>()),
                                 "readers-0", "readers"};
  std::unique_ptr<kafka::TransactionalProducer> client = brokers.make();
  TransactionState state{100ms, 1'000};
  PatientCalls calls{state, clock, events};
  const TransactionContext context{.options = options,
                                   .state = state,
                                   .client = client,
                                   .group = group,
                                   .listener = listener,
                                   .clock = clock,
                                   .events = events,
                                   .calls = calls};
  const PartitionPtr one = new_partition(1);
};

TEST_F(HandBackRefused, ABatchOfWhichNothingFailedStays) {
  auto batch = take(2);
  EXPECT_FALSE(hand_back_refused(context, batch));
  EXPECT_EQ(batch.size(), 2U);
  EXPECT_TRUE(next().empty());
}

TEST_F(HandBackRefused, ABatchIsHalvedUntilTheInputIsAlone) {
  auto batch = take(4);
  refuse(batch, 3);
  EXPECT_TRUE(hand_back_refused(context, batch));
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(listener.endings.empty()) << "it is not known yet which input it is";
  EXPECT_EQ(next(), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(next(), (std::vector<std::int64_t>{2, 3})) << "none of them is lost";
}

TEST_F(HandBackRefused, AnInputThatIsAloneIsHandledAgain) {
  auto batch = take(1);
  refuse(batch, 0);
  EXPECT_TRUE(hand_back_refused(context, batch));
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(listener.that(tests::CollectingListener::Ending::kHandedBack), (Ids{{1, 0}}));
  EXPECT_EQ(listener.last_code, errc::message_too_large);
  EXPECT_EQ(listener.last_text, "the brokers do not take it");
}

TEST_F(HandBackRefused, NothingOfItsPartitionIsCommittedBeforeItIsHandledAgain) {
  auto batch = take(1);
  refuse(batch, 0);
  {
    const MutexLock lock{state.mutex};
    state.batcher.begin(one, 1);
    EXPECT_FALSE(state.batcher.finish(finished_input(one, 1), clock.now()));
  }
  EXPECT_TRUE(hand_back_refused(context, batch));
  EXPECT_TRUE(next().empty());
  {
    const MutexLock lock{state.mutex};
    EXPECT_FALSE(state.batcher.finish(finished_input(one, 0), clock.now()));
  }
  EXPECT_EQ(next(), (std::vector<std::int64_t>{0, 1}));
}

TEST_F(HandBackRefused, AnInputThatWasGivenBackIsNotHandledAgain) {
  auto batch = take(1);
  refuse(batch, 0);
  one->released = true;
  EXPECT_TRUE(hand_back_refused(context, batch));
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(listener.endings.empty());
  EXPECT_TRUE(next().empty());
}

TEST_F(HandBackRefused, OutputsOfAnotherTransactionLeaveTheInputAsItIs) {
  auto batch = take(1);
  FinishedInputs other;
  other.push_back(finished_input(one, 7, {7}));
  refuse(other, 7);
  EXPECT_TRUE(hand_back_refused(context, batch));
  EXPECT_TRUE(listener.endings.empty());
  EXPECT_EQ(next(), std::vector<std::int64_t>{0});
}

TEST_F(HandBackRefused, WhatTheClientSaidCountsOnce) {
  auto batch = take(4);
  refuse(batch, 0);
  EXPECT_TRUE(hand_back_refused(context, batch));
  EXPECT_FALSE(hand_back_refused(context, batch));
}

}  // namespace
}  // namespace conveyor::worker
