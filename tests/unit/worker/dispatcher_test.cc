#include "worker/dispatcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace conveyor::worker {
namespace {

using Clock = DispatchQueue::Clock;
using std::chrono::milliseconds;

void push(Dispatcher& dispatcher, const PartitionPtr& partition, std::int64_t offset) {
  Incoming incoming{.partition = partition, .record = {}, .offset = offset};
  dispatcher.push(std::span(&incoming, 1));
}

TEST(Dispatcher, CollectsWithoutWaitingWhatIsThereAndNotLongerThanTheDelay) {
  Dispatcher dispatcher{Order::kPartition};
  const auto partition = std::make_shared<Partition>(kafka::TopicPartition{"topic", 0}, OffsetTracker(), nullptr);
  for (int i = 0; i < 5; ++i) push(dispatcher, partition, i);
  auto batch = dispatcher.collect(*dispatcher.pop(), 4, std::chrono::hours(1));
  EXPECT_EQ(batch.size(), 4U);
  for (Task& task : batch) task.release_order();
  const auto start = Clock::now();
  EXPECT_EQ(dispatcher.collect(*dispatcher.pop(), 4, milliseconds(20)).size(), 1U);
  EXPECT_GE(Clock::now() - start, milliseconds(20));
}

TEST(Dispatcher, ARecordThatComesCompletesABatch) {
  Dispatcher dispatcher{Order::kPartition};
  const auto partition = std::make_shared<Partition>(kafka::TopicPartition{"topic", 0}, OffsetTracker(), nullptr);
  push(dispatcher, partition, 0);
  std::jthread collector{[&] { EXPECT_EQ(dispatcher.collect(*dispatcher.pop(), 2, milliseconds::max()).size(), 2U); }};
  push(dispatcher, partition, 1);
}

TEST(Dispatcher, APartitionThatLeavesEndsTheWaitForMore) {
  Dispatcher dispatcher{Order::kPartition};
  const auto partition = std::make_shared<Partition>(kafka::TopicPartition{"topic", 0}, OffsetTracker(), nullptr);
  push(dispatcher, partition, 0);
  auto first = dispatcher.pop();
  ASSERT_TRUE(first);
  std::jthread collector{
      [&] { EXPECT_EQ(dispatcher.collect(*std::move(first), 2, std::chrono::hours(1)).size(), 1U); }};
  partition->become(Partition::State::kRevoking);
  dispatcher.drop(*partition);
}

// What wakes a thread that collects may be for another one.
TEST(Dispatcher, ARecordOfAnotherTopicReachesAnIdleThreadWhileOneCollects) {
  Dispatcher dispatcher{Order::kPartition};
  const auto partition = std::make_shared<Partition>(kafka::TopicPartition{"topic", 0}, OffsetTracker(), nullptr);
  const auto other = std::make_shared<Partition>(kafka::TopicPartition{"other", 0}, OffsetTracker(), nullptr);
  push(dispatcher, partition, 0);
  auto first = dispatcher.pop();
  ASSERT_TRUE(first);
  std::jthread collector{
      [&] { EXPECT_EQ(dispatcher.collect(*std::move(first), 2, std::chrono::hours(1)).size(), 1U); }};
  std::jthread idle{[&] {
    const auto task = dispatcher.pop();
    EXPECT_TRUE(task && task->incoming.partition == other);
    dispatcher.close();
  }};
  push(dispatcher, other, 0);
}

TEST(Dispatcher, ClosedHandsOutNothing) {
  Dispatcher dispatcher{Order::kPartition};
  dispatcher.close();
  EXPECT_FALSE(dispatcher.pop());
}

TEST(Dispatcher, ClosingWakesThoseWhoWait) {
  Dispatcher dispatcher{Order::kPartition};
  std::jthread waiter{[&] { EXPECT_FALSE(dispatcher.pop()); }};
  dispatcher.close();
}

TEST(Dispatcher, ARetryWakesAThreadThatWaitsWhenItIsDue) {
  Dispatcher dispatcher{Order::kPartition};
  const auto partition = std::make_shared<Partition>(kafka::TopicPartition{"topic", 0}, OffsetTracker(), nullptr);
  push(dispatcher, partition, 1);
  auto task = dispatcher.pop();
  ASSERT_TRUE(task);
  const auto due = Clock::now() + milliseconds(20);
  ASSERT_TRUE(dispatcher.again(*task, due));
  ASSERT_TRUE(dispatcher.pop());
  EXPECT_GE(Clock::now(), due);
}

TEST(Dispatcher, ManyThreadsTakeEveryRecordOnceAndNeverTwoOfOnePartitionTogether) {
  constexpr int kPartitions = 5;
  constexpr int kEach = 2'000;
  Dispatcher dispatcher{Order::kPartition};
  std::vector<PartitionPtr> partitions;
  std::map<const Partition*, std::atomic<int>> inside;
  for (int i = 0; i < kPartitions; ++i) {
    partitions.push_back(std::make_shared<Partition>(kafka::TopicPartition{"topic", i}, OffsetTracker(), nullptr));
    inside[partitions.back().get()] = 0;
  }
  std::atomic<int> taken{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (auto task = dispatcher.pop()) {
        std::atomic<int>& count = inside.at(task->incoming.partition.get());
        EXPECT_EQ(count.fetch_add(1), 0);
        count.fetch_sub(1);
        if (task->attempt == 1 && task->incoming.offset % 7 == 0) {
          ++task->attempt;
          EXPECT_TRUE(dispatcher.again(*task, Clock::now()));
          continue;
        }
        task->release_order();
        if (taken.fetch_add(1) + 1 == kPartitions * kEach) dispatcher.close();
      }
    });
  }
  for (int i = 0; i < kEach; ++i) {
    for (const auto& one : partitions) push(dispatcher, one, i);
  }
  threads.clear();
  EXPECT_EQ(taken, kPartitions * kEach);
}

/// Records 0, 1, ... of one partition, which wait for each other, and one of another, which does not.
class DispatcherOrder : public ::testing::Test {
 protected:
  PartitionPtr new_partition(std::int32_t number) {
    return std::make_shared<Partition>(kafka::TopicPartition{"topic", number}, OffsetTracker(), nullptr);
  }
  Task pop() { return *dispatcher.pop(); }

  Dispatcher dispatcher{Order::kPartition};
  const PartitionPtr partition = new_partition(0);
  const PartitionPtr other = new_partition(1);
};

TEST_F(DispatcherOrder, IsHeldByARecordThatIsHandedOut) {
  push(dispatcher, partition, 0);
  push(dispatcher, partition, 1);
  push(dispatcher, other, 7);
  const Task first = pop();
  EXPECT_TRUE(first.order.held());
  EXPECT_EQ(pop().incoming.partition, other);
}

TEST_F(DispatcherOrder, IsReleasedOnce) {
  for (int i = 0; i < 3; ++i) push(dispatcher, partition, i);
  Task first = pop();
  first.release_order();
  EXPECT_FALSE(first.order.held());
  const Task second = pop();
  EXPECT_EQ(second.incoming.offset, 1);
  push(dispatcher, other, 7);
  first.release_order();  // says nothing of the second
  EXPECT_EQ(pop().incoming.partition, other);
}

TEST_F(DispatcherOrder, GoesWithTheRecord) {
  push(dispatcher, partition, 0);
  push(dispatcher, partition, 1);
  Task first = pop();
  Task moved = std::move(first);
  first.release_order();  // NOLINT(bugprone-use-after-move): it has none
  EXPECT_TRUE(moved.order.held());
  moved.release_order();
  EXPECT_EQ(pop().incoming.offset, 1);
}

TEST_F(DispatcherOrder, IsKeptForARecordThatIsTriedAgain) {
  push(dispatcher, partition, 0);
  push(dispatcher, partition, 1);
  Task first = pop();
  ASSERT_TRUE(dispatcher.again(first, Clock::now()));
  Task again = pop();
  EXPECT_EQ(again.incoming.offset, 0);
  EXPECT_TRUE(again.order.held());
  again.release_order();
  EXPECT_EQ(pop().incoming.offset, 1);
}

TEST_F(DispatcherOrder, OfARecordThatReleasedItIsNotTakenBack) {
  push(dispatcher, partition, 0);
  push(dispatcher, partition, 1);
  Task first = pop();
  first.release_order();
  const Task second = pop();
  ASSERT_TRUE(dispatcher.again(first, Clock::now()));
  EXPECT_EQ(pop().incoming.offset, 0) << "beside the second, which is still in hand";
}

TEST_F(DispatcherOrder, StaysWithARecordThatIsNotTakenAgain) {
  push(dispatcher, partition, 0);
  Task first = pop();
  partition->become(Partition::State::kRevoking);
  EXPECT_FALSE(dispatcher.again(first, Clock::now()));
  EXPECT_TRUE(first.order.held());
}

TEST_F(DispatcherOrder, OfARecordOfWhichNothingWasDecidedKeepsOthersWaiting) {
  push(dispatcher, partition, 0);
  push(dispatcher, partition, 1);
  push(dispatcher, other, 7);
  { const Task lost = pop(); }
  EXPECT_EQ(pop().incoming.partition, other);
}

TEST_F(DispatcherOrder, IsHeldByEachRecordOfABatch) {
  for (int i = 0; i < 3; ++i) push(dispatcher, partition, i);
  push(dispatcher, other, 7);
  auto batch = dispatcher.collect(pop(), 2, milliseconds(0));
  ASSERT_EQ(batch.size(), 2U);
  batch[1].release_order();
  EXPECT_TRUE(batch[0].order.held());
  EXPECT_EQ(pop().incoming.partition, other) << "the first is still in hand";
  batch[0].release_order();
  EXPECT_EQ(pop().incoming.offset, 2);
}

}  // namespace
}  // namespace conveyor::worker
