#include "worker/offset_tracker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace conveyor::worker {
namespace {

TEST(OffsetTracker, CommitsNothingBeforeAnythingIsFinished) {
  OffsetTracker tracker;
  EXPECT_EQ(tracker.committable(), std::nullopt);
  tracker.read(10);
  EXPECT_EQ(tracker.committable(), std::nullopt);
  EXPECT_EQ(tracker.in_flight(), 1U);
}

TEST(OffsetTracker, CommitsTheOffsetAfterTheLastFinishedRecord) {
  OffsetTracker tracker;
  tracker.read(10);
  EXPECT_TRUE(tracker.finish(10));
  EXPECT_EQ(tracker.committable(), 11);
  EXPECT_EQ(tracker.in_flight(), 0U);
}

TEST(OffsetTracker, CommitsOnlyTheFinishedPrefix) {
  OffsetTracker tracker;
  for (const int offset : {0, 1, 2, 3}) tracker.read(offset);
  tracker.finish(2);
  EXPECT_EQ(tracker.committable(), std::nullopt);
  tracker.finish(0);
  EXPECT_EQ(tracker.committable(), 1);
  tracker.finish(1);
  EXPECT_EQ(tracker.committable(), 3);
}

TEST(OffsetTracker, CountsOffsetsTheLogSkipsAsFinished) {
  OffsetTracker tracker;
  tracker.read(5);
  tracker.finish(5);
  EXPECT_EQ(tracker.committable(), 6);
  tracker.read(9);  // 6, 7 and 8 were compacted away
  EXPECT_EQ(tracker.committable(), 9);
}

TEST(OffsetTracker, DoesNotCommitAGapBeforeTheFirstRecordAlone) {
  OffsetTracker tracker{5};
  tracker.read(9);
  EXPECT_EQ(tracker.committable(), std::nullopt);
}

TEST(OffsetTracker, RefusesToFinishWhatIsNotInFlight) {
  OffsetTracker tracker;
  tracker.read(1);
  EXPECT_FALSE(tracker.finish(0));
  EXPECT_FALSE(tracker.finish(2));
  EXPECT_TRUE(tracker.finish(1));
  EXPECT_FALSE(tracker.finish(1));
}

TEST(OffsetTracker, CommitsNothingTwiceAndNeverFalls) {
  OffsetTracker tracker{7};
  tracker.read(7);
  tracker.finish(7);
  EXPECT_EQ(tracker.committable(), 8);
  tracker.committed(8);
  EXPECT_EQ(tracker.committable(), std::nullopt);
  tracker.committed(3);  // a late answer
  EXPECT_EQ(tracker.committable(), std::nullopt);
  tracker.read(8);
  tracker.finish(8);
  EXPECT_EQ(tracker.committable(), 9);
}

// Against the definition, computed anew at each step: the smallest offset read and not finished, or the one after the
// last read.
TEST(OffsetTracker, AgreesWithTheDefinitionForRandomOrders) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    OffsetTracker tracker;
    std::vector<std::int64_t> open;
    std::set<std::int64_t> unfinished;
    std::int64_t next = random() % 1'000;
    bool any_finished = false;
    const std::int64_t first = next;
    for (int step = 0; step < 300; ++step) {
      if (open.empty() || random() % 2 == 0) {
        next += random() % 4 == 0 ? random() % 5 : 0;  // gaps
        if (unfinished.empty() && !any_finished && step == 0) next = first;
        tracker.read(next);
        open.push_back(next);
        unfinished.insert(next);
        ++next;
      } else {
        const std::size_t pick = random() % open.size();
        ASSERT_TRUE(tracker.finish(open[pick]));
        unfinished.erase(open[pick]);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
        any_finished = true;
      }
      const std::int64_t expected = unfinished.empty() ? next : *unfinished.begin();
      if (expected > first) {
        ASSERT_EQ(tracker.committable(), expected);
      } else {
        ASSERT_EQ(tracker.committable(), std::nullopt);
      }
      ASSERT_EQ(tracker.in_flight(), unfinished.size());
    }
  }
}

}  // namespace
}  // namespace conveyor::worker
