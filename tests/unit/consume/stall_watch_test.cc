#include "consume/stall_watch.h"

#include <gtest/gtest.h>

#include <chrono>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using Watch = StallWatch<int>;

const Watch::Clock::time_point kStart{};
constexpr std::int64_t kNothing = -1;  // passed

TEST(StallWatch, SeesAPartitionThatStandsStillWhileItsLogGrows) {
  Watch watch(60s);
  EXPECT_FALSE(watch.waits(1, 10, kNothing, 20, kStart));
  EXPECT_FALSE(watch.waits(1, 10, kNothing, 30, kStart + 30s));
  EXPECT_FALSE(watch.waits(1, 10, kNothing, 40, kStart + 59s));
  EXPECT_TRUE(watch.waits(1, 10, kNothing, 40, kStart + 60s));
}

TEST(StallWatch, SeesAPartitionThatStandsStillBeforeTheLastRecordsOfItsLog) {
  Watch watch(60s);
  for (auto at = 0s; at < 60s; at += 15s) EXPECT_FALSE(watch.waits(1, 10, 12, 20, kStart + at)) << at.count();
  EXPECT_TRUE(watch.waits(1, 10, 12, 20, kStart + 60s));
}

TEST(StallWatch, DoesNotMindAPartitionAtTheEndOfItsLog) {
  Watch watch(60s);
  for (auto at = 0s; at < 600s; at += 15s) EXPECT_FALSE(watch.waits(1, 10, 10, 10, kStart + at)) << at.count();
}

TEST(StallWatch, DoesNotMindAPartitionThatMoves) {
  Watch watch(60s);
  std::int64_t position = 0;
  for (auto at = 0s; at < 600s; at += 45s, ++position) {
    EXPECT_FALSE(watch.waits(1, position, position, position + 10, kStart + at)) << at.count();
  }
}

// Aborted transactions without a pause: nothing is handed out, and the end is never reached.
TEST(StallWatch, DoesNotMindAPartitionThatPassesWhatIsNotHandedOut) {
  Watch watch(60s);
  std::int64_t passed = 10;
  for (auto at = 0s; at < 600s; at += 15s, ++passed) {
    EXPECT_FALSE(watch.waits(1, 10, passed, passed + 10, kStart + at)) << at.count();
  }
}

TEST(StallWatch, CountsFromTheTimeItCaughtUp) {
  Watch watch(60s);
  EXPECT_FALSE(watch.waits(1, 10, 10, 10, kStart));
  EXPECT_FALSE(watch.waits(1, 10, 10, 10, kStart + 100s));
  EXPECT_FALSE(watch.waits(1, 10, 10, 11, kStart + 120s)) << "written a moment ago";
  EXPECT_TRUE(watch.waits(1, 10, 10, 12, kStart + 180s));
}

TEST(StallWatch, TakesItForNoMoveWhereNobodyKnowsHowFarItCame) {
  Watch watch(60s);
  EXPECT_FALSE(watch.waits(1, 10, 12, 20, kStart));
  EXPECT_FALSE(watch.waits(1, 10, kNothing, 20, kStart + 30s));
  EXPECT_TRUE(watch.waits(1, 10, 12, 20, kStart + 60s));
}

TEST(StallWatch, BeginsAnewWhereItWasAtTheEndMeanwhile) {
  Watch watch(60s);
  EXPECT_FALSE(watch.waits(1, 10, 10, 20, kStart));
  EXPECT_FALSE(watch.waits(1, 10, 10, 10, kStart + 30s)) << "the log lost what came behind";
  EXPECT_FALSE(watch.waits(1, 10, 10, 20, kStart + 61s));
  EXPECT_TRUE(watch.waits(1, 10, 10, 20, kStart + 121s));
}

TEST(StallWatch, BeginsAnewAfterThePartitionWasBusy) {
  Watch watch(60s);
  EXPECT_FALSE(watch.waits(1, 10, 10, 20, kStart));
  watch.forget(1);
  EXPECT_FALSE(watch.waits(1, 10, 10, 30, kStart + 70s));
  EXPECT_TRUE(watch.waits(1, 10, 10, 40, kStart + 130s));
}

TEST(StallWatch, TellsPartitionsApart) {
  Watch watch(60s);
  EXPECT_FALSE(watch.waits(1, 10, 10, 20, kStart));
  EXPECT_FALSE(watch.waits(2, 10, 10, 20, kStart + 50s));
  EXPECT_FALSE(watch.waits(2, 10, 10, 30, kStart + 70s));
  EXPECT_TRUE(watch.waits(1, 10, 10, 30, kStart + 70s));
}

TEST(StallWatch, GivesANewClientTwiceAsLongWhereTheOneBeforeChangedNothing) {
  Watch watch(60s);
  auto now = kStart;
  for (const auto patience : {60s, 120s, 240s}) {
    EXPECT_FALSE(watch.waits(1, 10, kNothing, 20, now));
    EXPECT_FALSE(watch.waits(1, 10, kNothing, 20, now + patience - 1s)) << patience.count();
    EXPECT_TRUE(watch.waits(1, 10, kNothing, 20, now + patience)) << patience.count();
    watch.forget(1);  // taken away, and given back
    now += patience + 5s;
  }
  EXPECT_FALSE(watch.waits(1, 11, 11, 20, now)) << "it moves";
  EXPECT_TRUE(watch.waits(1, 11, 11, 20, now + 60s));
}

TEST(StallWatch, CountsFromTheNextLookOnceItWasStalled) {
  Watch watch(60s);
  EXPECT_FALSE(watch.waits(1, 10, kNothing, 20, kStart));
  EXPECT_TRUE(watch.waits(1, 10, kNothing, 20, kStart + 100s));
  EXPECT_FALSE(watch.waits(1, 10, kNothing, 20, kStart + 110s));
  EXPECT_FALSE(watch.waits(1, 10, kNothing, 20, kStart + 229s));
  EXPECT_TRUE(watch.waits(1, 10, kNothing, 20, kStart + 230s));
}

TEST(StallWatch, IsNeverMorePatientThanSixtyFourTimes) {
  Watch watch(60s);
  auto now = kStart;
  for (int client = 0; client < 40; ++client) {
    EXPECT_FALSE(watch.waits(1, 10, kNothing, 20, now));
    now += 64 * 60s;
    EXPECT_TRUE(watch.waits(1, 10, kNothing, 20, now)) << client;
  }
}

TEST(StallWatch, LooksFourTimesInItsTimeAndNeverWithoutOne) {
  Watch watch(60s);
  EXPECT_TRUE(watch.must_look(kStart));
  watch.looked(kStart);
  EXPECT_FALSE(watch.must_look(kStart + 14s));
  EXPECT_TRUE(watch.must_look(kStart + 15s));
  EXPECT_FALSE(Watch(0s).must_look(kStart));
}

}  // namespace
}  // namespace conveyor::worker
