#include "worker/retention_watch.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace conveyor::worker
