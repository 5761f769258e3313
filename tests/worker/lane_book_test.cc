#include "worker/lane_book.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "worker/lanes.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;
using Clock = LaneBook::Clock;

constexpr Clock::time_point kNow{std::chrono::hours(1)};

class LaneBookTest : public ::testing::Test {
 protected:
  static PartitionPtr partition(int number) {
    return std::make_shared<Partition>(kafka::TopicPartition{"topic", number}, OffsetTracker(), nullptr);
  }
  static Incoming record(const PartitionPtr& partition, std::int64_t offset) {
    return {.partition = partition, .record = {}, .offset = offset};
  }
  /// The offset of the next record, or -1; the task is kept.
  std::int64_t take(LaneBook& book, Clock::time_point now = kNow) {
    auto task = book.take(now);
    if (!task) return -1;
    const std::int64_t offset = task->incoming.offset;
    taken_.insert_or_assign(offset, *std::move(task));
    return offset;
  }
  void done(LaneBook& book, std::int64_t offset) { book.done(taken_.at(offset).lane); }

  std::map<std::int64_t, Task> taken_;
};

TEST_F(LaneBookTest, ByPartitionHandsOutOneRecordOfAPartitionAtATimeInOrder) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  const auto b = partition(1);
  book.add(record(a, 1), "x");
  book.add(record(a, 2), "y");
  book.add(record(b, 11));
  EXPECT_EQ(take(book), 1);
  EXPECT_EQ(take(book), 11);
  EXPECT_EQ(take(book), -1);
  done(book, 11);
  EXPECT_EQ(take(book), -1);
  done(book, 1);
  EXPECT_EQ(take(book), 2);
}

TEST_F(LaneBookTest, PartitionsTakeTurns) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  const auto b = partition(1);
  for (int i = 0; i < 2; ++i) {
    book.add(record(a, i));
    book.add(record(b, 10 + i));
  }
  for (const std::int64_t expected : {0, 10, 1, 11}) {
    EXPECT_EQ(take(book), expected);
    done(book, expected);
  }
}

TEST_F(LaneBookTest, ByKeyOnlyRecordsOfOneKeyWaitForOneAnother) {
  LaneBook book{Order::kKey};
  const auto a = partition(0);
  book.add(record(a, 1), "x");
  book.add(record(a, 2), "x");
  book.add(record(a, 3), "y");
  book.add(record(a, 4));
  book.add(record(a, 5));
  EXPECT_EQ(take(book), 1);
  EXPECT_EQ(take(book), 3);
  EXPECT_EQ(take(book), 4);
  EXPECT_EQ(take(book), 5);
  EXPECT_EQ(take(book), -1);
  done(book, 1);
  EXPECT_EQ(take(book), 2);
}

TEST_F(LaneBookTest, ByKeyTheSameKeyOfTwoPartitionsAreTwoLanes) {
  LaneBook book{Order::kKey};
  const auto a = partition(0);
  const auto b = partition(1);
  book.add(record(a, 1), "x");
  book.add(record(b, 2), "x");
  EXPECT_EQ(take(book), 1);
  EXPECT_EQ(take(book), 2);
}

TEST_F(LaneBookTest, UnorderedNothingWaits) {
  LaneBook book{Order::kUnordered};
  const auto a = partition(0);
  for (int i = 0; i < 3; ++i) book.add(record(a, i), "x");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(take(book), i);
}

TEST_F(LaneBookTest, ARetryBlocksItsLaneUntilItIsDueAndNoOther) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  const auto b = partition(1);
  book.add(record(a, 1));
  book.add(record(a, 2));
  ASSERT_EQ(take(book), 1);
  Task& task = taken_.at(1);
  ++task.attempt;
  ASSERT_TRUE(book.again(task, kNow + milliseconds(100)));
  EXPECT_EQ(book.next_due(), kNow + milliseconds(100));
  EXPECT_EQ(take(book, kNow + milliseconds(99)), -1);
  book.add(record(b, 11));
  EXPECT_EQ(take(book, kNow + milliseconds(99)), 11);
  EXPECT_EQ(take(book, kNow + milliseconds(100)), 1);
  EXPECT_EQ(taken_.at(1).attempt, 2);
  EXPECT_EQ(book.next_due(), std::nullopt);
  done(book, 1);
  EXPECT_EQ(take(book, kNow + milliseconds(100)), 2);
}

TEST_F(LaneBookTest, ARetryOfARecordWhoseLaneWentOnGetsALaneOfItsOwn) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  book.add(record(a, 1));
  book.add(record(a, 2));
  ASSERT_EQ(take(book), 1);
  done(book, 1);
  ASSERT_EQ(take(book), 2);  // in somebody's hands
  Task& task = taken_.at(1);
  ASSERT_TRUE(book.again_alone(task, kNow));
  EXPECT_EQ(take(book), 1);
}

TEST_F(LaneBookTest, DropsWhatWaitsAndWhatWaitsForAnotherAttempt) {
  LaneBook book{Order::kKey};
  const auto a = partition(0);
  const auto b = partition(1);
  book.add(record(a, 1), "x");
  ASSERT_EQ(take(book), 1);
  Task& task = taken_.at(1);
  ASSERT_TRUE(book.again(task, kNow + milliseconds(100)));
  book.add(record(a, 2), "y");
  book.add(record(b, 11));
  EXPECT_EQ(book.drop(*a).records, 2U);
  EXPECT_EQ(book.next_due(), std::nullopt);
  EXPECT_EQ(take(book, kNow + milliseconds(100)), 11);
  EXPECT_EQ(take(book, kNow + milliseconds(100)), -1);
}

TEST_F(LaneBookTest, KeepsNothingOfAPartitionThatLeaves) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  book.add(record(a, 1));
  ASSERT_EQ(take(book), 1);
  a->leaving = true;
  EXPECT_EQ(book.drop(*a).records, 0U);
  EXPECT_FALSE(book.again(taken_.at(1), kNow));
  done(book, 1);
  EXPECT_EQ(take(book), -1);
  EXPECT_EQ(book.next_due(), std::nullopt);
}

TEST(Lanes, ClosedHandsOutNothing) {
  Lanes lanes{Order::kPartition};
  lanes.close();
  EXPECT_FALSE(lanes.pop());
}

TEST(Lanes, ClosingWakesThoseWhoWait) {
  Lanes lanes{Order::kPartition};
  std::jthread waiter{[&] { EXPECT_FALSE(lanes.pop()); }};
  lanes.close();
}

TEST(Lanes, ARetryWakesAThreadThatWaitsWhenItIsDue) {
  Lanes lanes{Order::kPartition};
  const auto partition = std::make_shared<Partition>(kafka::TopicPartition{"topic", 0}, OffsetTracker(), nullptr);
  lanes.push({.partition = partition, .record = {}, .offset = 1}, {});
  auto task = lanes.pop();
  ASSERT_TRUE(task);
  const auto due = Clock::now() + milliseconds(20);
  ASSERT_TRUE(lanes.again(*task, due));
  ASSERT_TRUE(lanes.pop());
  EXPECT_GE(Clock::now(), due);
}

TEST(Lanes, ManyThreadsTakeEveryRecordOnceAndNeverTwoOfOnePartitionTogether) {
  constexpr int kPartitions = 5;
  constexpr int kEach = 2'000;
  Lanes lanes{Order::kPartition};
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
      while (auto task = lanes.pop()) {
        std::atomic<int>& count = inside.at(task->incoming.partition.get());
        EXPECT_EQ(count.fetch_add(1), 0);
        count.fetch_sub(1);
        if (task->attempt == 1 && task->incoming.offset % 7 == 0) {
          ++task->attempt;
          EXPECT_TRUE(lanes.again(*task, Clock::now()));
          continue;
        }
        lanes.done(task->lane);
        if (taken.fetch_add(1) + 1 == kPartitions * kEach) lanes.close();
      }
    });
  }
  for (int i = 0; i < kEach; ++i) {
    for (const auto& one : partitions) lanes.push({.partition = one, .record = {}, .offset = i}, {});
  }
  threads.clear();
  EXPECT_EQ(taken, kPartitions * kEach);
}

}  // namespace
}  // namespace conveyor::worker
