#include "consume/revoke_budget.h"

#include <gtest/gtest.h>

#include <chrono>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using Time = RevokeBudget::Clock::time_point;

constexpr Time kStart{1h};

TEST(RevokeBudget, GivesEachStepWhatItWantsWhereThereIsTime) {
  const RevokeBudget budget(kStart, 300s);
  EXPECT_EQ(budget.handlers(kStart, 30s), kStart + 30s);
  EXPECT_EQ(budget.transaction(kStart + 30s, 10s), kStart + 40s);
  EXPECT_EQ(budget.commit(kStart + 40s, 5s), kStart + 45s);
}

TEST(RevokeBudget, EndsAllStepsWithinHalfOfThePollInterval) {
  const RevokeBudget budget(kStart, 12s);
  const Time handled = budget.handlers(kStart, 30s);
  EXPECT_EQ(handled, kStart + 4s);
  const Time transacted = budget.transaction(handled, 10s);
  EXPECT_EQ(transacted, kStart + 5s) << "which leaves time to commit";
  EXPECT_EQ(budget.commit(transacted, 5s), kStart + 6s);
}

TEST(RevokeBudget, PassesOnWhatAStepLeaves) {
  const RevokeBudget budget(kStart, 12s);
  EXPECT_EQ(budget.transaction(kStart + 100ms, 10s), kStart + 5s);
  EXPECT_EQ(budget.commit(kStart + 200ms, 10s), kStart + 6s);
}

TEST(RevokeBudget, IsOverWhenItIs) {
  const RevokeBudget budget(kStart, 12s);
  EXPECT_LT(budget.transaction(kStart + 7s, 10s), kStart + 7s);
  EXPECT_LT(budget.commit(kStart + 7s, 10s), kStart + 7s);
}

}  // namespace
}  // namespace conveyor::worker
