#include "consume/retention_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace conveyor::worker {
namespace {

TEST(RetentionWatch, TellsWhatWasDeletedBeforeItWasRead) {
  RetentionWatch watch;
  watch.log_starts_at(7);
  EXPECT_EQ(watch.deleted(2, 7), (OffsetRange{2, 7}));
}

TEST(RetentionWatch, TakesNoMarkerOrCompactedRecordForADeletedOne) {
  RetentionWatch watch;
  EXPECT_EQ(watch.deleted(2, 7), std::nullopt) << "the start is not known";
  watch.log_starts_at(0);
  EXPECT_EQ(watch.deleted(2, 7), std::nullopt);
  watch.log_starts_at(2);
  EXPECT_EQ(watch.deleted(2, 7), std::nullopt) << "all from 2 on is there";
}

TEST(RetentionWatch, TakesAGapThatWasReadBeforeTheDeletionForWhatItWas) {
  RetentionWatch watch;
  watch.log_starts_at(50);  // while what was fetched before is still being read
  EXPECT_EQ(watch.deleted(10, 11), std::nullopt);
  EXPECT_EQ(watch.deleted(20, 22), std::nullopt);
  EXPECT_EQ(watch.deleted(40, 60), (OffsetRange{40, 50})) << "what follows the start is another gap";
}

TEST(RetentionWatch, KnowsTheStartsThatWerePassedSince) {
  RetentionWatch watch;
  watch.log_starts_at(50);
  watch.log_starts_at(200);  // what was fetched at 50 is still being read
  EXPECT_EQ(watch.deleted(10, 50), (OffsetRange{10, 50}));
  EXPECT_EQ(watch.deleted(60, 61), std::nullopt);
  EXPECT_EQ(watch.deleted(100, 200), (OffsetRange{100, 200}));
}

TEST(RetentionWatch, TellsOfEachOffsetOnce) {
  RetentionWatch watch;
  watch.log_starts_at(50);
  watch.log_starts_at(50);
  EXPECT_EQ(watch.deleted(10, 50), (OffsetRange{10, 50}));
  EXPECT_EQ(watch.deleted(50, 55), std::nullopt);
}

TEST(RetentionWatch, TellsOfAllThatWasDeletedInOneGap) {
  RetentionWatch watch;
  watch.log_starts_at(50);
  watch.log_starts_at(80);
  EXPECT_EQ(watch.deleted(10, 90), (OffsetRange{10, 80}));
}

TEST(RetentionWatch, KnowsTheLastSixtyFourStarts) {
  RetentionWatch watch;
  watch.log_starts_at(50);
  for (int again = 0; again < 100; ++again) watch.log_starts_at(200);
  EXPECT_EQ(watch.deleted(10, 60), (OffsetRange{10, 50})) << "two";
  for (std::int64_t start = 1'001; start <= 1'100; ++start) watch.log_starts_at(start);
  EXPECT_EQ(watch.deleted(1'000, 1'036), std::nullopt) << "these are forgotten: each costs memory";
  EXPECT_EQ(watch.deleted(1'036, 1'037), (OffsetRange{1'036, 1'037}));
}

// A broker that lags behind tells an older start.
TEST(RetentionWatch, AStartNeverFalls) {
  RetentionWatch watch;
  watch.log_starts_at(50);
  watch.log_starts_at(20);
  EXPECT_EQ(watch.deleted(10, 30), std::nullopt);
}

TEST(RetentionWatch, LooksOnceForManyGapsOfACompactedLog) {
  RetentionWatch watch;
  const auto start = RetentionWatch::Clock::time_point(std::chrono::hours(1));
  int looks = 0;
  std::vector<OffsetRange> told;
  for (int gap = 0; gap < 6'400; ++gap) {  // in a second
    const auto now = start + gap * std::chrono::microseconds(156);
    watch.skipped(10 * gap, 10 * gap + 5);
    if (!watch.must_look(now)) continue;
    ++looks;
    const auto found = watch.looked(0, now);
    told.insert(told.end(), found.begin(), found.end());
  }
  EXPECT_GE(looks, 64);
  EXPECT_LE(looks, 101) << "every 10 ms, or for 64 gaps";
  EXPECT_TRUE(told.empty());
}

TEST(RetentionWatch, LooksForManyGapsAlthoughTimeStandsStill) {
  RetentionWatch watch;
  const auto now = RetentionWatch::Clock::time_point(std::chrono::hours(1));
  watch.skipped(0, 5);
  EXPECT_TRUE(watch.must_look(now));
  EXPECT_TRUE(watch.looked(0, now).empty());
  int gaps = 0;
  while (!watch.must_look(now) && gaps < 1'000) ++gaps, watch.skipped(10 * gaps, 10 * gaps + 5);
  EXPECT_EQ(gaps, 64) << "so many are kept, and no more";
}

// By the next one the log may begin even higher, and nothing would be told.
TEST(RetentionWatch, LooksAtOnceForTheFirstGapHoweverShortTheLastLookIsAgo) {
  RetentionWatch watch;
  const auto now = RetentionWatch::Clock::time_point(std::chrono::hours(1));
  EXPECT_TRUE(watch.looked(0, now).empty());
  watch.skipped(2, 12);
  ASSERT_TRUE(watch.must_look(now));
  EXPECT_EQ(watch.looked(12, now), (std::vector<OffsetRange>{{2, 12}}));
}

TEST(RetentionWatch, TellsOfADeletionAmongGapsWithTheNextLook) {
  RetentionWatch watch;
  const auto now = RetentionWatch::Clock::time_point(std::chrono::hours(1));
  watch.skipped(0, 5);
  EXPECT_TRUE(watch.looked(0, now).empty());
  watch.skipped(10, 15);
  watch.skipped(20, 70);  // deleted up to 70
  watch.skipped(80, 85);
  EXPECT_FALSE(watch.must_look(now + std::chrono::milliseconds(9)));
  EXPECT_TRUE(watch.has_gaps());
  EXPECT_TRUE(watch.must_look(now + std::chrono::milliseconds(10)));
  EXPECT_EQ(watch.looked(70, now + std::chrono::milliseconds(10)), (std::vector<OffsetRange>{{20, 70}}));
  EXPECT_FALSE(watch.has_gaps());
}

}  // namespace
}  // namespace conveyor::worker
