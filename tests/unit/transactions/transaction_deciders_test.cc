// What decides by itself: fencing, errors, offsets, refused outputs, backoff.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "support/fake_producer_handle.h"
#include "transactions/fencing_watch.h"
#include "transactions/patient_calls.h"
#include "transactions/refused_outputs.h"
#include "transactions/transaction_errors.h"
#include "transactions/transaction_offsets.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using Result = kafka::TransactionalProducer::Result;

class FencingWatchTest : public testing::Test {
 protected:
  FencingWatchTest() { watch.begun(now); }

  FencingWatch::TimePoint now{1h};
  FencingWatch watch{10s};
};

TEST_F(FencingWatchTest, BeingFencedOutOfNothingIsAnothersWork) { EXPECT_FALSE(watch.may_be_ours(now + 9'999ms)); }

TEST_F(FencingWatchTest, BrokersEndATransactionThatTakesAsLongAsItMay) { EXPECT_TRUE(watch.may_be_ours(now + 10s)); }

TEST_F(FencingWatchTest, TheTimeCountsFromTheLastBeginning) {
  watch.begun(now + 9s);
  EXPECT_FALSE(watch.may_be_ours(now + 18'999ms));
}

TEST_F(FencingWatchTest, BrokersInTroubleMayLagForAMinute) {
  watch.troubled(now);
  watch.begun(now + 55s);
  EXPECT_TRUE(watch.may_be_ours(now + 59'999ms));
  EXPECT_FALSE(watch.may_be_ours(now + 60s));
}

TEST(TransactionErrors, WhatBrokersNeverAllowIsForGood) {
  EXPECT_TRUE(is_for_good(RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
  EXPECT_TRUE(is_for_good(RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT));
  EXPECT_FALSE(is_for_good(RD_KAFKA_RESP_ERR__TIMED_OUT));
  EXPECT_FALSE(is_for_good(RD_KAFKA_RESP_ERR_NO_ERROR));
}

TEST(TransactionErrors, AMissingRightIsToldFromOtherErrors) {
  EXPECT_TRUE(is_not_allowed({Result::kAbort, "", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED}));
  EXPECT_FALSE(is_not_allowed({Result::kAbort, "", RD_KAFKA_RESP_ERR_INVALID_TXN_STATE}));
  EXPECT_FALSE(is_not_allowed({Result::kAbort, "", RD_KAFKA_RESP_ERR_NO_ERROR}));
}

TEST(TransactionErrors, WhatThisWorkerFoundItselfIsNoTroubleOfTheBrokers) {
  EXPECT_FALSE(is_trouble(TransactionEvents::given_back()));
  EXPECT_FALSE(is_trouble({Result::kAbort, "", RD_KAFKA_RESP_ERR_UNKNOWN}));
  EXPECT_TRUE(is_trouble({Result::kAbort, "", RD_KAFKA_RESP_ERR__TIMED_OUT}));
}

TEST(Backoff, DoublesUpToASecond) {
  Backoff backoff;
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 8; ++i) waits.push_back(backoff.next().count());
  EXPECT_EQ(waits, (std::vector<std::int64_t>{20, 40, 80, 160, 320, 640, 1'000, 1'000}));
}

PartitionPtr partition(int number) {
  return std::make_shared<Partition>(kafka::TopicPartition{"images", number}, OffsetTracker(), nullptr);
}

FinishedInput input(const PartitionPtr& where, std::int64_t offset, const std::vector<int>& outputs = {}) {
  FinishedInput finished{.task = {}, .outputs = std::make_shared<Outputs>()};
  finished.task.incoming.partition = where;
  finished.task.incoming.offset = offset;
  for (const int output : outputs) finished.outputs->push_back(tests::numbered_send(output));
  return finished;
}

FinishedInputs batch_of(std::vector<std::pair<PartitionPtr, std::int64_t>> all) {
  FinishedInputs batch;
  for (const auto& [where, offset] : all) batch.push_back(input(where, offset));
  return batch;
}

TEST(TransactionOffsets, AreBehindTheLastInputOfEachPartition) {
  const auto one = partition(1);
  const auto two = partition(2);
  const auto offsets = offsets_of(batch_of({{one, 4}, {two, 7}, {one, 9}}), kLargestMetadata);
  ASSERT_EQ(offsets.size(), 2U);
  for (const auto& each : offsets) {
    const std::int64_t expected = each.partition == one ? 10 : 8;
    EXPECT_EQ(each.sent.next, expected);
    EXPECT_EQ(each.stored.offset, expected);
    EXPECT_EQ(each.sent.where, each.partition->where);
  }
}

TEST(TransactionOffsets, CarryMetadataOnlyWhereCrashesAreWatched) {
  const auto plain = partition(1);
  EXPECT_EQ(offsets_of(batch_of({{plain, 4}}), kLargestMetadata).front().sent.metadata, "");
  const auto watched = partition(2);
  watched->attempts.emplace(PartitionLease::Options{}, std::nullopt, false);
  watched->topic_began_with = 3;
  const auto offset = offsets_of(batch_of({{watched, 4}}), kLargestMetadata).front();
  const auto metadata = decode_commit_metadata(offset.sent.metadata, 5);
  ASSERT_TRUE(metadata) << offset.sent.metadata;
  EXPECT_EQ(metadata->topic_began_with, 3);
  EXPECT_EQ(metadata->lease_end, offset.stored.lease_end);
}

TEST(TransactionOffsets, AreToldWithTheLastInputOfTheirPartitionAlone) {
  const auto one = partition(1);
  const auto batch = batch_of({{one, 4}, {one, 5}});
  const auto offsets = offsets_of(batch, kLargestMetadata);
  EXPECT_FALSE(stored_with(batch[0], offsets));
  ASSERT_TRUE(stored_with(batch[1], offsets));
  EXPECT_EQ(stored_with(batch[1], offsets)->offset, 6);
  EXPECT_FALSE(stored_with(batch[1], {}));
}

TEST(RefusedOutputs, AreFoundAmongTheOutputsOfTheirInput) {
  FinishedInputs batch;
  batch.push_back(input(partition(1), 4, {1, 2, 3}));
  batch.push_back(input(partition(1), 5, {4}));
  const std::vector<kafka::TransactionalProducer::Failed> failed{
      {.send = (*batch[0].outputs)[1].get(), .code = errc::message_too_large, .text = "first"},
      {.send = (*batch[0].outputs)[2].get(), .code = errc::message_too_large, .text = "second"}};
  const auto refused = refused_inputs(batch, failed);
  ASSERT_EQ(refused.size(), 1U) << "each input once";
  EXPECT_EQ(refused.front().offset, 4);
  EXPECT_EQ(refused.front().text, "first");
  EXPECT_EQ(refused.front().code, errc::message_too_large);
}

TEST(RefusedOutputs, OfOtherTransactionsAreNobodys) {
  const auto other = tests::numbered_send(1);
  FinishedInputs batch;
  batch.push_back(input(partition(1), 4, {1}));
  const std::vector<kafka::TransactionalProducer::Failed> failed{{.send = other.get()}};
  EXPECT_TRUE(refused_inputs(batch, failed).empty());
}

}  // namespace
}  // namespace conveyor::worker
