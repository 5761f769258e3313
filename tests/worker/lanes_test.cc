#include "worker/lanes.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace conveyor::worker {
namespace {

// Received normally owns a message of librdkafka's; here only the lane and the order matter, so it is empty and the
// records are told apart by the partition they belong to.
Incoming incoming(const PartitionPtr& partition) { return {.partition = partition, .record = {}}; }

PartitionPtr partition(int number) {
  return std::make_shared<Partition>(kafka::TopicPartition{"topic", number}, std::nullopt, nullptr);
}

TEST(Lanes, HandsOutOneRecordOfAPartitionAtATime) {
  Lanes lanes;
  const auto a = partition(0);
  const auto b = partition(1);
  lanes.push(incoming(a));
  lanes.push(incoming(a));
  lanes.push(incoming(b));
  EXPECT_EQ(lanes.pop()->partition, a);
  EXPECT_EQ(lanes.pop()->partition, b);  // the second of a waits for the first
  lanes.release(*b);
  lanes.release(*a);
  EXPECT_EQ(lanes.pop()->partition, a);
}

TEST(Lanes, PartitionsTakeTurns) {
  Lanes lanes;
  const auto a = partition(0);
  const auto b = partition(1);
  for (int i = 0; i < 2; ++i) {
    lanes.push(incoming(a));
    lanes.push(incoming(b));
  }
  for (const auto& expected : {a, b, a, b}) {
    EXPECT_EQ(lanes.pop()->partition, expected);
    lanes.release(*expected);
  }
}

TEST(Lanes, DropsWhatWaitsButNotWhatIsHandedOut) {
  Lanes lanes;
  const auto a = partition(0);
  for (int i = 0; i < 3; ++i) lanes.push(incoming(a));
  ASSERT_TRUE(lanes.pop());
  EXPECT_EQ(lanes.drop(*a), 2U);
  EXPECT_EQ(lanes.drop(*a), 0U);
  lanes.release(*a);
  const auto b = partition(1);
  lanes.push(incoming(b));
  EXPECT_EQ(lanes.pop()->partition, b);
}

TEST(Lanes, DropsALaneThatWaitsForItsTurn) {
  Lanes lanes;
  const auto a = partition(0);
  const auto b = partition(1);
  lanes.push(incoming(a));
  lanes.push(incoming(b));
  EXPECT_EQ(lanes.drop(*a), 1U);
  EXPECT_EQ(lanes.pop()->partition, b);
}

TEST(Lanes, ClosedHandsOutNothing) {
  Lanes lanes;
  lanes.push(incoming(partition(0)));
  lanes.close();
  EXPECT_FALSE(lanes.pop());
}

TEST(Lanes, ClosingWakesThoseWhoWait) {
  Lanes lanes;
  std::jthread waiter{[&] { EXPECT_FALSE(lanes.pop()); }};
  lanes.close();
}

TEST(Lanes, ManyThreadsTakeEveryRecordOnceAndNeverTwoOfOnePartitionTogether) {
  constexpr int kPartitions = 5;
  constexpr int kEach = 2'000;
  Lanes lanes;
  std::vector<PartitionPtr> partitions;
  for (int i = 0; i < kPartitions; ++i) partitions.push_back(partition(i));
  std::map<const Partition*, std::atomic<int>> inside;
  for (const auto& one : partitions) inside[one.get()] = 0;
  std::atomic<int> taken{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (const auto got = lanes.pop()) {
        EXPECT_EQ(inside.at(got->partition.get()).fetch_add(1), 0);
        inside.at(got->partition.get()).fetch_sub(1);
        lanes.release(*got->partition);
        if (taken.fetch_add(1) + 1 == kPartitions * kEach) lanes.close();
      }
    });
  }
  for (int i = 0; i < kEach; ++i) {
    for (const auto& one : partitions) lanes.push(incoming(one));
  }
  threads.clear();
  EXPECT_EQ(taken, kPartitions * kEach);
}

}  // namespace
}  // namespace conveyor::worker
