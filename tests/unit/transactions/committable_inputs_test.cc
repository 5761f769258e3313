#include "transactions/committable_inputs.h"

#include <gtest/gtest.h>

#include <ctime>
#include <memory>
#include <random>
#include <set>
#include <vector>

namespace conveyor::worker {
namespace {

class CommittableInputsTest : public testing::Test {
 protected:
  static PartitionPtr partition(int number) {
    return std::make_shared<Partition>(kafka::TopicPartition{"topic", number}, OffsetTracker(), nullptr);
  }
  static FinishedInput input(const PartitionPtr& where, std::int64_t offset) {
    FinishedInput finished{.task = {}, .outputs = std::make_shared<Outputs>()};
    finished.task.incoming.partition = where;
    finished.task.incoming.offset = offset;
    return finished;
  }
  static std::vector<std::int64_t> offsets(const std::vector<FinishedInput>& inputs) {
    std::vector<std::int64_t> found;
    for (const auto& each : inputs) found.push_back(each.task.incoming.offset);
    return found;
  }
  void finish(std::int64_t offset) { ASSERT_FALSE(inputs.finish(input(one, offset)).has_value()); }
  void begin(const std::vector<std::int64_t>& all) {
    for (const auto offset : all) inputs.begin(one, offset);
  }

  const PartitionPtr one = partition(1);
  CommittableInputs inputs;
};

using Offsets = std::vector<std::int64_t>;

TEST_F(CommittableInputsTest, GivesTheFinishedPrefixInOrder) {
  begin({5, 6, 8, 9});
  finish(8);
  EXPECT_EQ(inputs.ready(), 0U);
  EXPECT_TRUE(inputs.take(10).empty());
  finish(5);
  EXPECT_EQ(inputs.ready(), 1U);
  finish(6);
  EXPECT_EQ(inputs.ready(), 3U);
  EXPECT_FALSE(inputs.nothing_else());
  EXPECT_EQ(offsets(inputs.take(2)), (Offsets{5, 6}));
  finish(9);
  EXPECT_TRUE(inputs.nothing_else());
  EXPECT_EQ(offsets(inputs.take(10)), (Offsets{8, 9}));
}

TEST_F(CommittableInputsTest, GivesWhatWasPutBackAgainInOrder) {
  begin({1, 2, 3});
  finish(1);
  finish(2);
  auto taken = inputs.take(10);
  finish(3);
  EXPECT_EQ(inputs.ready(), 1U) << "3 must wait for those that are out";
  inputs.put_back(std::move(taken));
  EXPECT_EQ(offsets(inputs.take(10)), (Offsets{1, 2, 3}));
}

TEST_F(CommittableInputsTest, WhatIsReopenedHoldsUpWhatComesAfterIt) {
  begin({1, 2, 3});
  for (const int offset : {1, 2, 3}) finish(offset);
  inputs.put_back(inputs.take(10));
  const auto task = inputs.reopen(*one, 2);
  ASSERT_TRUE(task.has_value());
  EXPECT_EQ(task->incoming.offset, 2);
  EXPECT_FALSE(inputs.reopen(*one, 2).has_value());
  EXPECT_EQ(offsets(inputs.take(10)), (Offsets{1}));
  finish(2);
  EXPECT_EQ(offsets(inputs.take(10)), (Offsets{2, 3}));
}

TEST_F(CommittableInputsTest, NothingBehindABlockedRecordIsEverGiven) {
  begin({1, 2, 3, 4});
  for (const int offset : {1, 3}) finish(offset);
  EXPECT_EQ(offsets(inputs.block(*one, 2)), (Offsets{3}));
  EXPECT_TRUE(inputs.finish(input(one, 4)).has_value());
  EXPECT_TRUE(inputs.finish(input(one, 2)).has_value());
  EXPECT_EQ(offsets(inputs.take(10)), (Offsets{1}));
}

TEST_F(CommittableInputsTest, ForgetsADroppedPartition) {
  const PartitionPtr other = partition(2);
  begin({1, 2});
  inputs.begin(other, 1);
  finish(1);
  ASSERT_FALSE(inputs.finish(input(other, 1)).has_value());
  EXPECT_EQ(offsets(inputs.drop(*one)), (Offsets{1}));
  EXPECT_TRUE(inputs.finish(input(one, 2)).has_value());
  EXPECT_EQ(inputs.ready(), 1U);
  EXPECT_TRUE(inputs.nothing_else());
  EXPECT_EQ(inputs.take(10).front().task.incoming.partition, other);
}

// Thousands are ready while a transaction is being committed. Looking at all of them for each that is finished took
// more than ten seconds here.
TEST_F(CommittableInputsTest, WhatIsReadyCostsNothingToWhatIsFinishedAfterIt) {
  constexpr std::int64_t kInputs = 100'000;
  const auto began = std::clock();
  for (std::int64_t offset = 0; offset < kInputs; ++offset) inputs.begin(one, offset);
  for (std::int64_t offset = 0; offset < kInputs; ++offset) finish(offset);
  auto taken = inputs.take(kInputs);
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(kInputs));
  inputs.put_back(std::move(taken));
  EXPECT_EQ(inputs.ready(), static_cast<std::size_t>(kInputs));
  EXPECT_LT((std::clock() - began) / CLOCKS_PER_SEC, 5) << "seconds of processor time";
}

TEST_F(CommittableInputsTest, GivesEachInputOnceAndInOrderWhateverHappens) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    CommittableInputs each;
    const std::vector<PartitionPtr> partitions{partition(1), partition(2), partition(3)};
    std::vector<std::int64_t> next(3, 0);
    std::vector<std::int64_t> committed(3, -1);
    std::vector<std::pair<std::size_t, std::int64_t>> in_hand;
    for (int step = 0; step < 400; ++step) {
      const std::size_t i = random() % 3;
      switch (random() % 4) {
        case 0:
          each.begin(partitions[i], next[i]);
          in_hand.emplace_back(i, next[i]);
          next[i] += 1 + static_cast<std::int64_t>(random() % 3);
          break;
        case 1:
          if (in_hand.empty()) break;
          std::swap(in_hand[random() % in_hand.size()], in_hand.back());
          ASSERT_FALSE(each.finish(input(partitions[in_hand.back().first], in_hand.back().second)).has_value());
          in_hand.pop_back();
          break;
        default: {
          auto taken = each.take(1 + random() % 5);
          if (random() % 2 == 0) {  // aborted
            std::vector<std::pair<PartitionPtr, std::int64_t>> all;
            for (const auto& one_of : taken)
              all.emplace_back(one_of.task.incoming.partition, one_of.task.incoming.offset);
            each.put_back(std::move(taken));
            if (!all.empty() && random() % 2 == 0) {
              const auto& [where, offset] = all[random() % all.size()];
              ASSERT_TRUE(each.reopen(*where, offset).has_value());
              in_hand.emplace_back(static_cast<std::size_t>(where->where.partition - 1), offset);
            }
            break;
          }
          for (const auto& one_of : taken) {
            auto& last = committed[static_cast<std::size_t>(one_of.task.incoming.partition->where.partition - 1)];
            ASSERT_GT(one_of.task.incoming.offset, last);
            last = one_of.task.incoming.offset;
            for (const auto& [other, offset] : in_hand) {
              ASSERT_FALSE(partitions[other] == one_of.task.incoming.partition && offset < last);
            }
          }
        }
      }
    }
    for (const auto& [i, offset] : in_hand) {
      ASSERT_FALSE(each.finish(input(partitions[i], offset)).has_value());
    }
    EXPECT_TRUE(each.nothing_else());
  }
}

}  // namespace
}  // namespace conveyor::worker
