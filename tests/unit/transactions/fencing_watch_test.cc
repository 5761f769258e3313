#include "transactions/fencing_watch.h"

#include <gtest/gtest.h>

#include <chrono>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;

class FencingWatchTest : public testing::Test {
 protected:
  FencingWatchTest() { watch.begun(now); }

  FencingWatch::TimePoint now{1h};
  FencingWatch watch{10s};
};

TEST_F(FencingWatchTest, BeingFencedOutOfNothingIsAnothersWork) { EXPECT_FALSE(watch.may_be_ours(now + 9'999ms)); }

TEST_F(FencingWatchTest, BrokersEndATransactionThatTakesAsLongAsItMay) { EXPECT_TRUE(watch.may_be_ours(now + 10s)); }

TEST_F(FencingWatchTest, TheTimeCountsFromTheLastBeginning) {
  watch.begun(now + 9s);
  EXPECT_FALSE(watch.may_be_ours(now + 18'999ms));
}

TEST_F(FencingWatchTest, BrokersInTroubleMayLagForAMinute) {
  watch.troubled(now);
  watch.begun(now + 55s);
  EXPECT_TRUE(watch.may_be_ours(now + 59'999ms));
  EXPECT_FALSE(watch.may_be_ours(now + 60s));
}

TEST_F(FencingWatchTest, TheMinuteCountsFromTheLastTrouble) {
  watch.troubled(now);
  watch.troubled(now + 30s);
  watch.begun(now + 85s);
  EXPECT_TRUE(watch.may_be_ours(now + 89'999ms));
  EXPECT_FALSE(watch.may_be_ours(now + 90s)) << "being fenced goes on after the trouble";
}

TEST_F(FencingWatchTest, TroubleDoesNotShortenTheTimeOfATransaction) {
  watch.troubled(now);
  EXPECT_TRUE(watch.may_be_ours(now + 60s)) << "the brokers have aborted it by now";
}

}  // namespace
}  // namespace conveyor::worker
