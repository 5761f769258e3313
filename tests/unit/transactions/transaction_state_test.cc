#include "transactions/transaction_state.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "unit/transactions/finished_inputs.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using tests::batch_of;

class TransactionStateTest : public testing::Test {
 protected:
  std::set<PartitionPtr> in_transaction() {
    const MutexLock lock{state.mutex};
    return state.in_transaction;
  }
  void take_in(const FinishedInputs& batch) {
    const MutexLock lock{state.mutex};
    state.take_in(batch);
  }
  void leave_out_released(FinishedInputs& batch) {
    const MutexLock lock{state.mutex};
    state.leave_out_released(batch);
  }

  TransactionState state{100ms, 1'000};
  const PartitionPtr one = tests::new_partition(1);
  const PartitionPtr two = tests::new_partition(2);
};

using Partitions = std::set<PartitionPtr>;

TEST_F(TransactionStateTest, ABatchHasReleasedInputsWhereAnyPartitionIsReleased) {
  const auto batch = batch_of({{one, 4}, {two, 7}});
  EXPECT_FALSE(any_released(batch));
  EXPECT_FALSE(any_released({}));
  two->released = true;
  EXPECT_TRUE(any_released(batch));
}

TEST_F(TransactionStateTest, ATransactionIsAboutThePartitionsOfItsBatch) {
  take_in(batch_of({{one, 4}, {one, 5}, {two, 7}}));
  EXPECT_EQ(in_transaction(), (Partitions{one, two}));
}

TEST_F(TransactionStateTest, TheNextTransactionIsAboutNothingOfTheLast) {
  take_in(batch_of({{one, 4}}));
  take_in(batch_of({{two, 7}}));
  EXPECT_EQ(in_transaction(), Partitions{two});
  take_in({});
  EXPECT_EQ(in_transaction(), Partitions());
}

TEST_F(TransactionStateTest, InputsOfReleasedPartitionsAreLeftOut) {
  auto batch = batch_of({{one, 4}, {two, 7}, {one, 5}, {two, 8}});
  take_in(batch);
  one->released = true;
  leave_out_released(batch);
  ASSERT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch[0].task.incoming.offset, 7) << "in their order";
  EXPECT_EQ(batch[1].task.incoming.offset, 8);
  EXPECT_EQ(in_transaction(), Partitions{two}) << "what is released waits for no transaction";
}

TEST_F(TransactionStateTest, NothingIsLeftOutWhereNothingIsReleased) {
  auto batch = batch_of({{one, 4}, {two, 7}});
  leave_out_released(batch);
  EXPECT_EQ(batch.size(), 2U);
  EXPECT_EQ(in_transaction(), (Partitions{one, two}));
}

TEST_F(TransactionStateTest, ATransactionOfNothingButReleasedPartitionsIsAboutNone) {
  auto batch = batch_of({{one, 4}});
  take_in(batch);
  one->released = true;
  leave_out_released(batch);
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(in_transaction(), Partitions());
}

}  // namespace
}  // namespace conveyor::worker
