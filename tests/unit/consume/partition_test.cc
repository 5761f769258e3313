#include "consume/partition.h"

#include <gtest/gtest.h>

namespace conveyor::worker {
namespace {

using State = Partition::State;

class PartitionTest : public ::testing::Test {
 protected:
  Partition partition{{"topic", 0}, OffsetTracker(5), nullptr};
};

TEST_F(PartitionTest, BeginsActive) {
  EXPECT_EQ(partition.state(), State::kActive);
  EXPECT_TRUE(partition.is_ours());
  EXPECT_FALSE(partition.leaving());
}

TEST_F(PartitionTest, IsOursWhileItIsGivenBack) {
  partition.become(State::kRevoking);
  EXPECT_TRUE(partition.is_ours());
  EXPECT_TRUE(partition.leaving());
}

TEST_F(PartitionTest, IsNotOursOnceItIsGone) {
  for (const State gone : {State::kRevoked, State::kLost}) {
    Partition one{{"topic", 0}, OffsetTracker(5), nullptr};
    one.become(gone);
    EXPECT_FALSE(one.is_ours());
    EXPECT_TRUE(one.leaving());
  }
}

TEST_F(PartitionTest, DoesNotComeBack) {
  partition.become(State::kRevoked);
  partition.become(State::kActive);
  partition.become(State::kRevoking);
  EXPECT_EQ(partition.state(), State::kRevoked);
}

TEST_F(PartitionTest, WaitsForRecordsOnlyWhereNothingElseHoldsItUp) {
  EXPECT_TRUE(partition.waits_for_records());
  partition.held = kafka::ConsumedRecord::made_from(Record{.offset = 5}, "value");
  EXPECT_FALSE(partition.waits_for_records());
  partition.held = {};
  partition.tracker.read(5);
  EXPECT_FALSE(partition.waits_for_records());
  partition.tracker.finish(5);
  partition.log.missing();
  EXPECT_FALSE(partition.waits_for_records());
}

TEST_F(PartitionTest, CountsWhatSomebodyStillHasInHand) {
  partition.tracker.read(5);
  partition.tracker.read(6);
  partition.dropped = 1;
  EXPECT_EQ(partition.begun(), 1U);
}

}  // namespace
}  // namespace conveyor::worker
