#include "kafka/partition_queue.h"

#include <gtest/gtest.h>

namespace conveyor::kafka {
namespace {

constexpr int kVersion202 = 0x020002ff;
constexpr int kVersion210 = 0x020100ff;

TEST(PartitionQueue, TakesOneAtATimeWhereACooperativeRebalanceWouldLoseTheOthers) {
  EXPECT_EQ(PartitionQueue::most_at_once(kVersion202, true), 1U);
  EXPECT_EQ(PartitionQueue::most_at_once(kVersion210 - 1, true), 1U);
}

TEST(PartitionQueue, TakesManyAtATimeElsewhere) {
  EXPECT_EQ(PartitionQueue::most_at_once(kVersion202, false), PartitionQueue::kMostRecords);
  EXPECT_EQ(PartitionQueue::most_at_once(kVersion210, true), PartitionQueue::kMostRecords);
}

}  // namespace
}  // namespace conveyor::kafka
