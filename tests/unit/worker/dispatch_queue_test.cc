#include "worker/dispatch_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;
using Clock = DispatchQueue::Clock;

constexpr Clock::time_point kNow{std::chrono::hours(1)};

class DispatchQueueTest : public ::testing::Test {
 protected:
  static PartitionPtr partition(int number, std::string_view topic = "topic") {
    return std::make_shared<Partition>(kafka::TopicPartition{topic, number}, OffsetTracker(), nullptr);
  }
  static Incoming record(const PartitionPtr& partition, std::int64_t offset) {
    return {.partition = partition, .record = {}, .offset = offset};
  }
  /// The offset of the next record, or -1; the task is kept.
  std::int64_t take(DispatchQueue& queue, Clock::time_point now = kNow) {
    auto task = queue.take(now);
    if (!task) return -1;
    const std::int64_t offset = task->incoming.offset;
    taken_.insert_or_assign(offset, *std::move(task));
    return offset;
  }
  /// The offsets of the next batch of at most so many; the tasks are kept.
  std::vector<std::int64_t> take_batch(DispatchQueue& queue, std::size_t most, Clock::time_point now = kNow) {
    std::vector<Task> batch;
    if (auto first = queue.take(now)) {
      batch.push_back(*std::move(first));
      queue.take_more(batch, most);
    }
    std::vector<std::int64_t> offsets;
    for (Task& task : batch) {
      offsets.push_back(task.incoming.offset);
      taken_.insert_or_assign(offsets.back(), std::move(task));
    }
    return offsets;
  }
  bool again(DispatchQueue& queue, std::int64_t offset, Clock::time_point due) {
    Task& task = taken_.at(offset);
    ++task.attempt;
    return queue.again(task, due);
  }
  void done(DispatchQueue& queue, std::int64_t offset) { queue.done(taken_.at(offset).ordering_key); }
  using Offsets = std::vector<std::int64_t>;

  std::map<std::int64_t, Task> taken_;
};

TEST_F(DispatchQueueTest, ByPartitionHandsOutOneRecordOfAPartitionAtATimeInOrder) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  const auto b = partition(1);
  queue.add(record(a, 1), "x");
  queue.add(record(a, 2), "y");
  queue.add(record(b, 11));
  EXPECT_EQ(take(queue), 1);
  EXPECT_EQ(take(queue), 11);
  EXPECT_EQ(take(queue), -1);
  done(queue, 11);
  EXPECT_EQ(take(queue), -1);
  done(queue, 1);
  EXPECT_EQ(take(queue), 2);
}

TEST_F(DispatchQueueTest, PartitionsTakeTurns) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  const auto b = partition(1);
  for (int i = 0; i < 2; ++i) {
    queue.add(record(a, i));
    queue.add(record(b, 10 + i));
  }
  for (const std::int64_t expected : {0, 10, 1, 11}) {
    EXPECT_EQ(take(queue), expected);
    done(queue, expected);
  }
}

TEST_F(DispatchQueueTest, ByKeyOnlyRecordsOfOneKeyWaitForOneAnother) {
  DispatchQueue queue{Order::kKey};
  const auto a = partition(0);
  queue.add(record(a, 1), "x");
  queue.add(record(a, 2), "x");
  queue.add(record(a, 3), "y");
  queue.add(record(a, 4));
  queue.add(record(a, 5));
  EXPECT_EQ(take(queue), 1);
  EXPECT_EQ(take(queue), 3);
  EXPECT_EQ(take(queue), 4);
  EXPECT_EQ(take(queue), 5);
  EXPECT_EQ(take(queue), -1);
  done(queue, 1);
  EXPECT_EQ(take(queue), 2);
}

TEST_F(DispatchQueueTest, ByKeyTheSameKeyOfTwoPartitionsAreTwoOrderingKeys) {
  DispatchQueue queue{Order::kKey};
  const auto a = partition(0);
  const auto b = partition(1);
  queue.add(record(a, 1), "x");
  queue.add(record(b, 2), "x");
  EXPECT_EQ(take(queue), 1);
  EXPECT_EQ(take(queue), 2);
}

TEST_F(DispatchQueueTest, UnorderedNothingWaits) {
  DispatchQueue queue{Order::kUnordered};
  const auto a = partition(0);
  for (int i = 0; i < 3; ++i) queue.add(record(a, i), "x");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(take(queue), i);
}

TEST_F(DispatchQueueTest, ARetryBlocksItsKeyUntilItIsDueAndNoOther) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  const auto b = partition(1);
  queue.add(record(a, 1));
  queue.add(record(a, 2));
  ASSERT_EQ(take(queue), 1);
  Task& task = taken_.at(1);
  ++task.attempt;
  ASSERT_TRUE(queue.again(task, kNow + milliseconds(100)));
  EXPECT_EQ(queue.next_due(), kNow + milliseconds(100));
  EXPECT_EQ(take(queue, kNow + milliseconds(99)), -1);
  queue.add(record(b, 11));
  EXPECT_EQ(take(queue, kNow + milliseconds(99)), 11);
  EXPECT_EQ(take(queue, kNow + milliseconds(100)), 1);
  EXPECT_EQ(taken_.at(1).attempt, 2);
  EXPECT_EQ(queue.next_due(), std::nullopt);
  done(queue, 1);
  EXPECT_EQ(take(queue, kNow + milliseconds(100)), 2);
}

TEST_F(DispatchQueueTest, SaysWhenSomethingElseIsDueOrWillBe) {
  DispatchQueue queue(Order::kUnordered);
  const auto one = partition(0);
  for (int i = 0; i < 3; ++i) queue.add(record(one, i));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(take(queue), i);
  EXPECT_FALSE(queue.has_more());
  again(queue, 0, kNow + milliseconds(10));
  again(queue, 1, kNow + milliseconds(10));
  again(queue, 2, kNow + milliseconds(90));
  EXPECT_EQ(take(queue, kNow + milliseconds(20)), 0);
  EXPECT_TRUE(queue.has_more()) << "the other one that was due";
  EXPECT_EQ(take(queue, kNow + milliseconds(20)), 1);
  EXPECT_TRUE(queue.has_more()) << "somebody must wait for the third";
  EXPECT_EQ(take(queue, kNow + milliseconds(99)), 2);
  EXPECT_FALSE(queue.has_more());
}

TEST_F(DispatchQueueTest, ARetryOfARecordWhoseKeyWentOnGetsAKeyOfItsOwn) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  queue.add(record(a, 1));
  queue.add(record(a, 2));
  ASSERT_EQ(take(queue), 1);
  done(queue, 1);
  ASSERT_EQ(take(queue), 2);  // in somebody's hands
  Task& task = taken_.at(1);
  ASSERT_TRUE(queue.again_alone(task, kNow));
  EXPECT_EQ(take(queue), 1);
}

TEST_F(DispatchQueueTest, DropsWhatWaitsAndWhatWaitsForAnotherAttempt) {
  DispatchQueue queue{Order::kKey};
  const auto a = partition(0);
  const auto b = partition(1);
  queue.add(record(a, 1), "x");
  ASSERT_EQ(take(queue), 1);
  Task& task = taken_.at(1);
  ASSERT_TRUE(queue.again(task, kNow + milliseconds(100)));
  queue.add(record(a, 2), "y");
  queue.add(record(b, 11));
  EXPECT_EQ(queue.drop(*a).records, 2U);
  EXPECT_EQ(queue.next_due(), std::nullopt);
  EXPECT_EQ(take(queue, kNow + milliseconds(100)), 11);
  EXPECT_EQ(take(queue, kNow + milliseconds(100)), -1);
}

TEST_F(DispatchQueueTest, KeepsNothingOfAPartitionThatLeaves) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  queue.add(record(a, 1));
  ASSERT_EQ(take(queue), 1);
  a->become(Partition::State::kRevoking);
  EXPECT_EQ(queue.drop(*a).records, 0U);
  EXPECT_FALSE(queue.again(taken_.at(1), kNow));
  done(queue, 1);
  EXPECT_EQ(take(queue), -1);
  EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST_F(DispatchQueueTest, ABatchIsTheNextRecordsOfAKeyWhichIsBusyUntilAllAreDone) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  for (int i = 1; i <= 5; ++i) queue.add(record(a, i));
  EXPECT_EQ(take_batch(queue, 3), (Offsets{1, 2, 3}));
  for (const int i : {2, 3, 1}) {
    EXPECT_EQ(take(queue), -1);
    done(queue, i);
  }
  EXPECT_EQ(take_batch(queue, 3), (Offsets{4, 5}));
}

TEST_F(DispatchQueueTest, ABatchThatIsNotFullGoesOnWithRecordsThatCome) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  const auto b = partition(1);
  queue.add(record(a, 1));
  std::vector<Task> batch;
  batch.push_back(*queue.take(kNow));
  queue.take_more(batch, 4);
  EXPECT_EQ(batch.size(), 1U);
  queue.add(record(a, 2));
  queue.add(record(b, 11));
  queue.take_more(batch, 4);
  EXPECT_EQ(batch.size(), 3U);
  for (int i = 12; i <= 15; ++i) queue.add(record(b, i));
  queue.take_more(batch, 4);
  ASSERT_EQ(batch.size(), 4U);
  EXPECT_EQ(batch[3].incoming.offset, 12);
  EXPECT_EQ(take(queue), -1);
  queue.done(batch[2].ordering_key);
  EXPECT_EQ(take(queue), -1);
  queue.done(batch[3].ordering_key);
  EXPECT_EQ(take(queue), 13);
}

TEST_F(DispatchQueueTest, ABatchTakesItsOwnKeyFirstAndLeavesTheOthersToOtherThreads) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  const auto b = partition(1);
  for (int i = 0; i < 3; ++i) {
    queue.add(record(a, i));
    queue.add(record(b, 10 + i));
  }
  EXPECT_EQ(take_batch(queue, 3), (Offsets{0, 1, 2}));
  EXPECT_EQ(take_batch(queue, 2), (Offsets{10, 11}));
}

TEST_F(DispatchQueueTest, ABatchIsOfOneTopic) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  const auto other = partition(0, "another topic");
  const auto b = partition(1);
  queue.add(record(a, 1));
  queue.add(record(other, 21));
  queue.add(record(b, 11));
  EXPECT_EQ(take_batch(queue, 9), (Offsets{1, 11}));
  EXPECT_EQ(take_batch(queue, 9), (Offsets{21}));
}

TEST_F(DispatchQueueTest, ByKeyABatchTakesAllThatIsFreeAndNoKeyThatIsBusy) {
  DispatchQueue queue{Order::kKey};
  const auto a = partition(0);
  queue.add(record(a, 1), "x");
  queue.add(record(a, 2), "y");
  queue.add(record(a, 3), "x");
  queue.add(record(a, 4));
  ASSERT_EQ(take(queue), 1);
  EXPECT_EQ(take_batch(queue, 9), (Offsets{2, 4}));
  done(queue, 1);
  EXPECT_EQ(take_batch(queue, 9), (Offsets{3}));
}

TEST_F(DispatchQueueTest, WhatIsTriedAgainOrADeadLetterOrCondemnedJoinsNoBatch) {
  DispatchQueue queue{Order::kUnordered};
  const auto a = partition(0);
  for (int i = 1; i <= 2; ++i) queue.add(record(a, i));
  ASSERT_EQ(take_batch(queue, 2), (Offsets{1, 2}));
  ASSERT_TRUE(again(queue, 1, kNow));
  Task& pending = taken_.at(2);
  pending.dead_letter = Task::PendingDeadLetter{};
  ASSERT_TRUE(queue.again(pending, kNow));
  Incoming condemned = record(a, 3);
  condemned.deaths = 3;
  queue.add(std::move(condemned));
  queue.add(record(a, 4));
  queue.add(record(a, 5));
  std::multiset<std::size_t> sizes;
  std::set<std::int64_t> offsets;
  while (true) {
    auto task = queue.take(kNow);
    if (!task) break;
    std::vector<Task> batch;
    const bool may_join = task->may_join();
    batch.push_back(*std::move(task));
    if (may_join) queue.take_more(batch, 9);
    sizes.insert(batch.size());
    for (const Task& each : batch) offsets.insert(each.incoming.offset);
  }
  EXPECT_EQ(sizes, (std::multiset<std::size_t>{1, 1, 1, 2}));
  EXPECT_EQ(offsets, (std::set<std::int64_t>{1, 2, 3, 4, 5}));
}

TEST_F(DispatchQueueTest, ABatchEndsBeforeARecordThatMustBeAlone) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  queue.add(record(a, 1));
  Incoming condemned = record(a, 2);
  condemned.deaths = 3;
  queue.add(std::move(condemned));
  queue.add(record(a, 3));
  EXPECT_EQ(take_batch(queue, 9), (Offsets{1}));
  done(queue, 1);
  EXPECT_EQ(take(queue), 2);
}

TEST_F(DispatchQueueTest, ItemsOfABatchThatFailedComeAgainInTheOrderOfTheLogBeforeWhatFollows) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  for (int i = 1; i <= 5; ++i) queue.add(record(a, i));
  ASSERT_EQ(take_batch(queue, 4), (Offsets{1, 2, 3, 4}));
  done(queue, 1);
  ASSERT_TRUE(again(queue, 4, kNow + milliseconds(10)));
  ASSERT_TRUE(again(queue, 2, kNow + milliseconds(50)));
  EXPECT_EQ(queue.next_due(), std::nullopt) << "one is in somebody's hands still";
  done(queue, 3);
  EXPECT_EQ(queue.next_due(), kNow + milliseconds(50));
  EXPECT_EQ(take(queue, kNow + milliseconds(49)), -1);
  EXPECT_EQ(take(queue, kNow + milliseconds(50)), 2);
  done(queue, 2);
  EXPECT_EQ(take(queue, kNow + milliseconds(50)), 4);
  EXPECT_EQ(take(queue, kNow + milliseconds(50)), -1);
  done(queue, 4);
  EXPECT_EQ(take_batch(queue, 4, kNow + milliseconds(50)), (Offsets{5}));
}

TEST_F(DispatchQueueTest, DroppingAPartitionLeavesItsBatchToBeDone) {
  DispatchQueue queue{Order::kPartition};
  const auto a = partition(0);
  for (int i = 1; i <= 3; ++i) queue.add(record(a, i));
  ASSERT_EQ(take_batch(queue, 2), (Offsets{1, 2}));
  a->become(Partition::State::kRevoking);
  const auto dropped = queue.drop(*a);
  EXPECT_EQ(dropped.records, 1U);
  EXPECT_EQ(dropped.first, 3);
  done(queue, 1);
  EXPECT_FALSE(again(queue, 2, kNow));
  done(queue, 2);
  EXPECT_EQ(take(queue), -1);
  EXPECT_EQ(queue.next_due(), std::nullopt);
}

// Everything that can happen to batches, at random: nobody is handed a record twice, ordering keys keep their order,
// and what failed comes before what follows it.
TEST_F(DispatchQueueTest, AtRandomEveryRecordIsHandledOnceInTheOrderOfItsKey) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const auto one_of = [&](unsigned n) { return static_cast<int>(random() % n); };
  for (const Order order : {Order::kPartition, Order::kKey, Order::kUnordered}) {
    DispatchQueue queue{order};
    const std::vector<PartitionPtr> partitions{partition(0), partition(1), partition(2, "another topic")};
    std::vector<std::int64_t> next(partitions.size(), 0);
    std::map<OrderingKey, std::set<std::int64_t>> unfinished;  // by ordering key, which the test need not name itself
    std::vector<Task> in_hand;
    std::size_t finished = 0;
    constexpr std::size_t kRecords = 1'000;
    std::size_t added = 0;
    Clock::time_point now = kNow;
    while (finished < kRecords) {
      now += milliseconds(one_of(3));
      if (added < kRecords && one_of(2) == 0) {
        const auto at = static_cast<std::size_t>(one_of(3));
        const std::string key(1, static_cast<char>('a' + one_of(4)));
        queue.add(record(partitions[at], next[at]++), key);
        ++added;
      } else if (one_of(2) == 0) {
        std::vector<Task> batch;
        if (auto first = queue.take(now)) {
          const bool may_join = first->may_join();
          batch.push_back(*std::move(first));
          const auto most = static_cast<std::size_t>(1 + one_of(6));
          if (may_join) queue.take_more(batch, most);
          ASSERT_LE(batch.size(), most);
        }
        for (Task& task : batch) {
          ASSERT_EQ(task.incoming.partition->where.topic, batch.front().ordering_key.partition->where.topic);
          ASSERT_EQ(task.attempt == 1 || batch.size() == 1, true);
          ASSERT_LE(task.due, now);
          auto& of_key = unfinished[task.ordering_key];
          const bool again = task.attempt > 1;
          ASSERT_EQ(of_key.contains(task.incoming.offset), again);
          // What is handed out for the first time follows all that was; what comes again is the first unfinished.
          ASSERT_TRUE(of_key.empty() || (again ? *of_key.begin() : *of_key.rbegin()) <= task.incoming.offset);
          of_key.insert(task.incoming.offset);
        }
        for (Task& task : batch) in_hand.push_back(std::move(task));
      } else if (!in_hand.empty()) {
        const auto at = static_cast<std::ptrdiff_t>(random() % in_hand.size());
        Task task = std::move(in_hand[static_cast<std::size_t>(at)]);
        in_hand.erase(in_hand.begin() + at);
        if (one_of(4) == 0) {
          ++task.attempt;
          ASSERT_TRUE(queue.again(task, now + milliseconds(one_of(10))));
          continue;
        }
        unfinished.at(task.ordering_key).erase(task.incoming.offset);
        queue.done(task.ordering_key);
        ++finished;
      }
    }
    EXPECT_FALSE(queue.take(now + std::chrono::hours(1)));
    EXPECT_EQ(queue.next_due(), std::nullopt);
  }
}

}  // namespace
}  // namespace conveyor::worker
