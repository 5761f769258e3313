#include "worker/lane_book.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;
using Clock = LaneBook::Clock;

constexpr Clock::time_point kNow{std::chrono::hours(1)};

class LaneBookTest : public ::testing::Test {
 protected:
  static PartitionPtr partition(int number, std::string_view topic = "topic") {
    return std::make_shared<Partition>(kafka::TopicPartition{topic, number}, OffsetTracker(), nullptr);
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
  /// The offsets of the next batch of at most so many; the tasks are kept.
  std::vector<std::int64_t> take_batch(LaneBook& book, std::size_t most, Clock::time_point now = kNow) {
    std::vector<Task> batch;
    if (auto first = book.take(now)) {
      batch.push_back(*std::move(first));
      book.take_more(batch, most);
    }
    std::vector<std::int64_t> offsets;
    for (Task& task : batch) {
      offsets.push_back(task.incoming.offset);
      taken_.insert_or_assign(offsets.back(), std::move(task));
    }
    return offsets;
  }
  bool again(LaneBook& book, std::int64_t offset, Clock::time_point due) {
    Task& task = taken_.at(offset);
    ++task.attempt;
    return book.again(task, due);
  }
  void done(LaneBook& book, std::int64_t offset) { book.done(taken_.at(offset).lane); }
  using Offsets = std::vector<std::int64_t>;

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

TEST_F(LaneBookTest, SaysWhenSomethingElseIsDueOrWillBe) {
  LaneBook book(Order::kUnordered);
  const auto one = partition(0);
  for (int i = 0; i < 3; ++i) book.add(record(one, i));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(take(book), i);
  EXPECT_FALSE(book.has_more());
  again(book, 0, kNow + milliseconds(10));
  again(book, 1, kNow + milliseconds(10));
  again(book, 2, kNow + milliseconds(90));
  EXPECT_EQ(take(book, kNow + milliseconds(20)), 0);
  EXPECT_TRUE(book.has_more()) << "the other one that was due";
  EXPECT_EQ(take(book, kNow + milliseconds(20)), 1);
  EXPECT_TRUE(book.has_more()) << "somebody must wait for the third";
  EXPECT_EQ(take(book, kNow + milliseconds(99)), 2);
  EXPECT_FALSE(book.has_more());
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
  a->become(Partition::State::kRevoking);
  EXPECT_EQ(book.drop(*a).records, 0U);
  EXPECT_FALSE(book.again(taken_.at(1), kNow));
  done(book, 1);
  EXPECT_EQ(take(book), -1);
  EXPECT_EQ(book.next_due(), std::nullopt);
}

TEST_F(LaneBookTest, ABatchIsTheNextRecordsOfALaneWhichIsBusyUntilAllAreDone) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  for (int i = 1; i <= 5; ++i) book.add(record(a, i));
  EXPECT_EQ(take_batch(book, 3), (Offsets{1, 2, 3}));
  for (const int i : {2, 3, 1}) {
    EXPECT_EQ(take(book), -1);
    done(book, i);
  }
  EXPECT_EQ(take_batch(book, 3), (Offsets{4, 5}));
}

TEST_F(LaneBookTest, ABatchThatIsNotFullGoesOnWithRecordsThatCome) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  const auto b = partition(1);
  book.add(record(a, 1));
  std::vector<Task> batch;
  batch.push_back(*book.take(kNow));
  book.take_more(batch, 4);
  EXPECT_EQ(batch.size(), 1U);
  book.add(record(a, 2));
  book.add(record(b, 11));
  book.take_more(batch, 4);
  EXPECT_EQ(batch.size(), 3U);
  for (int i = 12; i <= 15; ++i) book.add(record(b, i));
  book.take_more(batch, 4);
  ASSERT_EQ(batch.size(), 4U);
  EXPECT_EQ(batch[3].incoming.offset, 12);
  EXPECT_EQ(take(book), -1);
  book.done(batch[2].lane);
  EXPECT_EQ(take(book), -1);
  book.done(batch[3].lane);
  EXPECT_EQ(take(book), 13);
}

TEST_F(LaneBookTest, ABatchTakesItsOwnLaneFirstAndLeavesTheOthersToOtherThreads) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  const auto b = partition(1);
  for (int i = 0; i < 3; ++i) {
    book.add(record(a, i));
    book.add(record(b, 10 + i));
  }
  EXPECT_EQ(take_batch(book, 3), (Offsets{0, 1, 2}));
  EXPECT_EQ(take_batch(book, 2), (Offsets{10, 11}));
}

TEST_F(LaneBookTest, ABatchIsOfOneTopic) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  const auto other = partition(0, "another topic");
  const auto b = partition(1);
  book.add(record(a, 1));
  book.add(record(other, 21));
  book.add(record(b, 11));
  EXPECT_EQ(take_batch(book, 9), (Offsets{1, 11}));
  EXPECT_EQ(take_batch(book, 9), (Offsets{21}));
}

TEST_F(LaneBookTest, ByKeyABatchTakesAllThatIsFreeAndNoLaneThatIsBusy) {
  LaneBook book{Order::kKey};
  const auto a = partition(0);
  book.add(record(a, 1), "x");
  book.add(record(a, 2), "y");
  book.add(record(a, 3), "x");
  book.add(record(a, 4));
  ASSERT_EQ(take(book), 1);
  EXPECT_EQ(take_batch(book, 9), (Offsets{2, 4}));
  done(book, 1);
  EXPECT_EQ(take_batch(book, 9), (Offsets{3}));
}

TEST_F(LaneBookTest, WhatIsTriedAgainOrBuriedOrConvictedJoinsNoBatch) {
  LaneBook book{Order::kUnordered};
  const auto a = partition(0);
  for (int i = 1; i <= 2; ++i) book.add(record(a, i));
  ASSERT_EQ(take_batch(book, 2), (Offsets{1, 2}));
  ASSERT_TRUE(again(book, 1, kNow));
  Task& buried = taken_.at(2);
  buried.burial = Task::Burial{};
  ASSERT_TRUE(book.again(buried, kNow));
  Incoming convicted = record(a, 3);
  convicted.deaths = 3;
  book.add(std::move(convicted));
  book.add(record(a, 4));
  book.add(record(a, 5));
  std::multiset<std::size_t> sizes;
  std::set<std::int64_t> offsets;
  while (true) {
    auto task = book.take(kNow);
    if (!task) break;
    std::vector<Task> batch;
    const bool may_join = task->may_join();
    batch.push_back(*std::move(task));
    if (may_join) book.take_more(batch, 9);
    sizes.insert(batch.size());
    for (const Task& each : batch) offsets.insert(each.incoming.offset);
  }
  EXPECT_EQ(sizes, (std::multiset<std::size_t>{1, 1, 1, 2}));
  EXPECT_EQ(offsets, (std::set<std::int64_t>{1, 2, 3, 4, 5}));
}

TEST_F(LaneBookTest, ABatchEndsBeforeARecordThatMustBeAlone) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  book.add(record(a, 1));
  Incoming convicted = record(a, 2);
  convicted.deaths = 3;
  book.add(std::move(convicted));
  book.add(record(a, 3));
  EXPECT_EQ(take_batch(book, 9), (Offsets{1}));
  done(book, 1);
  EXPECT_EQ(take(book), 2);
}

TEST_F(LaneBookTest, ItemsOfABatchThatFailedComeAgainInTheOrderOfTheLogBeforeWhatFollows) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  for (int i = 1; i <= 5; ++i) book.add(record(a, i));
  ASSERT_EQ(take_batch(book, 4), (Offsets{1, 2, 3, 4}));
  done(book, 1);
  ASSERT_TRUE(again(book, 4, kNow + milliseconds(10)));
  ASSERT_TRUE(again(book, 2, kNow + milliseconds(50)));
  EXPECT_EQ(book.next_due(), std::nullopt) << "one is in somebody's hands still";
  done(book, 3);
  EXPECT_EQ(book.next_due(), kNow + milliseconds(50));
  EXPECT_EQ(take(book, kNow + milliseconds(49)), -1);
  EXPECT_EQ(take(book, kNow + milliseconds(50)), 2);
  done(book, 2);
  EXPECT_EQ(take(book, kNow + milliseconds(50)), 4);
  EXPECT_EQ(take(book, kNow + milliseconds(50)), -1);
  done(book, 4);
  EXPECT_EQ(take_batch(book, 4, kNow + milliseconds(50)), (Offsets{5}));
}

TEST_F(LaneBookTest, DroppingAPartitionLeavesItsBatchToBeDone) {
  LaneBook book{Order::kPartition};
  const auto a = partition(0);
  for (int i = 1; i <= 3; ++i) book.add(record(a, i));
  ASSERT_EQ(take_batch(book, 2), (Offsets{1, 2}));
  a->become(Partition::State::kRevoking);
  const auto dropped = book.drop(*a);
  EXPECT_EQ(dropped.records, 1U);
  EXPECT_EQ(dropped.first, 3);
  done(book, 1);
  EXPECT_FALSE(again(book, 2, kNow));
  done(book, 2);
  EXPECT_EQ(take(book), -1);
  EXPECT_EQ(book.next_due(), std::nullopt);
}

// Everything that can happen to batches, at random: nobody is handed a record twice, lanes keep their order, and what
// failed comes before what follows it.
TEST_F(LaneBookTest, AtRandomEveryRecordIsHandledOnceInTheOrderOfItsLane) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const auto one_of = [&](unsigned n) { return static_cast<int>(random() % n); };
  for (const Order order : {Order::kPartition, Order::kKey, Order::kUnordered}) {
    LaneBook book{order};
    const std::vector<PartitionPtr> partitions{partition(0), partition(1), partition(2, "another topic")};
    std::vector<std::int64_t> next(partitions.size(), 0);
    std::map<LaneId, std::set<std::int64_t>> unfinished;  // by lane, which the test need not name itself
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
        book.add(record(partitions[at], next[at]++), key);
        ++added;
      } else if (one_of(2) == 0) {
        std::vector<Task> batch;
        if (auto first = book.take(now)) {
          const bool may_join = first->may_join();
          batch.push_back(*std::move(first));
          const auto most = static_cast<std::size_t>(1 + one_of(6));
          if (may_join) book.take_more(batch, most);
          ASSERT_LE(batch.size(), most);
        }
        for (Task& task : batch) {
          ASSERT_EQ(task.incoming.partition->where.topic, batch.front().lane.partition->where.topic);
          ASSERT_EQ(task.attempt == 1 || batch.size() == 1, true);
          ASSERT_LE(task.due, now);
          auto& lane = unfinished[task.lane];
          const bool again = task.attempt > 1;
          ASSERT_EQ(lane.contains(task.incoming.offset), again);
          // What is handed out for the first time follows all that was; what comes again is the first unfinished.
          ASSERT_TRUE(lane.empty() || (again ? *lane.begin() : *lane.rbegin()) <= task.incoming.offset);
          lane.insert(task.incoming.offset);
        }
        for (Task& task : batch) in_hand.push_back(std::move(task));
      } else if (!in_hand.empty()) {
        const auto at = static_cast<std::ptrdiff_t>(random() % in_hand.size());
        Task task = std::move(in_hand[static_cast<std::size_t>(at)]);
        in_hand.erase(in_hand.begin() + at);
        if (one_of(4) == 0) {
          ++task.attempt;
          ASSERT_TRUE(book.again(task, now + milliseconds(one_of(10))));
          continue;
        }
        unfinished.at(task.lane).erase(task.incoming.offset);
        book.done(task.lane);
        ++finished;
      }
    }
    EXPECT_FALSE(book.take(now + std::chrono::hours(1)));
    EXPECT_EQ(book.next_due(), std::nullopt);
  }
}

}  // namespace
}  // namespace conveyor::worker
