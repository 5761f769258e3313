#include "consume/offset_tracker.h"

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

TEST(OffsetTracker, TakesForFinishedWhatIsCommittedThoughItComesAgain) {
  OffsetTracker tracker{10};
  tracker.read(7);
  EXPECT_EQ(tracker.base(), 10);
  tracker.finish(7);
  EXPECT_EQ(tracker.committable(), std::nullopt);
}

TEST(OffsetTracker, FinishesEachOnce) {
  OffsetTracker tracker;
  for (const int offset : {1, 2}) tracker.read(offset);
  EXPECT_TRUE(tracker.finish(2));
  EXPECT_FALSE(tracker.finish(2)) << "which is kept until 1 is finished";
  EXPECT_EQ(tracker.in_flight(), 1U);
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

TEST(OffsetTracker, TellsWhatIsFinishedAboveTheFirstThatIsNot) {
  OffsetTracker tracker{10};
  for (const int offset : {10, 11, 12, 13, 15, 16}) tracker.read(offset);
  for (const int offset : {11, 13, 15}) tracker.finish(offset);
  EXPECT_EQ(tracker.base(), 10);
  EXPECT_EQ(tracker.done_above(), (std::vector<OffsetRange>{{11, 12}, {13, 16}})) << "the log has no 14";
  tracker.finish(10);
  EXPECT_EQ(tracker.base(), 12);
  EXPECT_EQ(tracker.done_above(), (std::vector<OffsetRange>{{13, 16}}));
}

TEST(OffsetTracker, PassesOverWhatAnEarlierOwnerFinished) {
  OffsetTracker tracker{10, {{12, 14}, {20, 22}}};
  EXPECT_EQ(tracker.done_above(), (std::vector<OffsetRange>{{12, 14}, {20, 22}}));
  EXPECT_FALSE(tracker.pass_over(10));
  tracker.read(10);
  EXPECT_FALSE(tracker.pass_over(11));
  tracker.read(11);
  EXPECT_TRUE(tracker.pass_over(12));
  EXPECT_EQ(tracker.done_above(), (std::vector<OffsetRange>{{12, 14}, {20, 22}}));
  EXPECT_EQ(tracker.in_flight(), 2U);
  tracker.finish(10);
  tracker.finish(11);
  EXPECT_EQ(tracker.committable(), 14) << "13 was not read again and need not be";
  EXPECT_TRUE(tracker.pass_over(13));
  EXPECT_EQ(tracker.committable(), 14);
  EXPECT_FALSE(tracker.pass_over(14));
}

TEST(OffsetTracker, KnowsARecordThatAnEarlierOwnerFinishedFromOneThatCameAgain) {
  OffsetTracker tracker{10, {{11, 14}}};
  tracker.read(10);
  tracker.finish(10);
  EXPECT_EQ(tracker.position(), 14);
  EXPECT_TRUE(tracker.was_done(11));
  EXPECT_TRUE(tracker.was_done(13));
  EXPECT_FALSE(tracker.was_done(10));
  EXPECT_FALSE(tracker.was_done(14));
}

TEST(OffsetTracker, CommitsPastWhatTheLogHasNothingIn) {
  OffsetTracker tracker{5};
  tracker.pass_to(6);
  EXPECT_EQ(tracker.position(), 6);
  EXPECT_EQ(tracker.committable(), 6) << "a marker";
  tracker.committed(6);
  EXPECT_EQ(tracker.committable(), std::nullopt);
  tracker.pass_to(4);
  EXPECT_EQ(tracker.position(), 6) << "an offset never falls";
  tracker.read(6);
  tracker.pass_to(9);
  EXPECT_EQ(tracker.position(), 9);
  EXPECT_EQ(tracker.committable(), std::nullopt) << "6 is in somebody's hands";
  tracker.finish(6);
  EXPECT_EQ(tracker.committable(), 9);
}

TEST(OffsetTracker, PassesWhatAnEarlierOwnerFinishedWhereItIsDeleted) {
  OffsetTracker tracker(5, {{10, 20}});
  tracker.pass_to(50);
  EXPECT_EQ(tracker.position(), 50);
  EXPECT_EQ(tracker.committable(), 50);

  OffsetTracker busy(5, {{10, 20}});
  busy.read(5);
  busy.pass_to(50);
  EXPECT_EQ(busy.done_above(), std::vector<OffsetRange>{});
}

TEST(OffsetTracker, CommitsPastWhatTheLogHasNothingInWhereNothingWasCommitted) {
  OffsetTracker tracker;
  tracker.pass_to(0);
  EXPECT_EQ(tracker.committable(), std::nullopt) << "an empty log says nothing";
  tracker.pass_to(7);
  EXPECT_EQ(tracker.committable(), 7) << "aborted transactions";
}

// A partition's life under several owners, each of which finishes in any order and is cut off at any moment.
TEST(OffsetTracker, NothingIsLostOrDoneTwiceThroughManyOwners) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    constexpr int kRecords = 40;
    std::vector<int> times(kRecords, 0);
    std::optional<std::int64_t> committed;
    std::vector<OffsetRange> done;
    while (committed.value_or(0) < kRecords) {
      OffsetTracker tracker(committed, done);
      std::vector<std::int64_t> in_flight;
      std::int64_t next = committed.value_or(0);
      for (unsigned steps = 1 + random() % 60; steps-- > 0;) {
        if (random() % 2 == 0 && next < kRecords) {
          if (!tracker.pass_over(next)) {
            tracker.read(next);
            in_flight.push_back(next);
          }
          ++next;
        } else if (!in_flight.empty()) {
          std::swap(in_flight[random() % in_flight.size()], in_flight.back());
          ++times[static_cast<std::size_t>(in_flight.back())];
          ASSERT_TRUE(tracker.finish(in_flight.back()));
          in_flight.pop_back();
        }
      }
      // The commit comes after the last completion: nothing may be done twice.
      if (const auto base = tracker.base()) {
        ASSERT_GE(*base, committed.value_or(0));
        committed = base;
        done = tracker.done_above();
      }
    }
    EXPECT_EQ(times, std::vector<int>(kRecords, 1));
  }
}

TEST(OffsetTracker, CountsWhatIsFinishedBehindARecordThatIsNot) {
  OffsetTracker tracker;
  for (std::int64_t offset = 0; offset < 10; ++offset) tracker.read(offset);
  for (std::int64_t offset = 1; offset < 10; ++offset) tracker.finish(offset);
  EXPECT_EQ(tracker.in_flight(), 1U);
  EXPECT_EQ(tracker.tracked(), 10U);
  tracker.finish(0);
  EXPECT_EQ(tracker.tracked(), 0U);
}

}  // namespace
}  // namespace conveyor::worker
