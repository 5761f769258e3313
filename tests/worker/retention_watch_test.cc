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

// A broker that lags behind tells an older start.
TEST(RetentionWatch, AStartNeverFalls) {
  RetentionWatch watch;
  watch.log_starts_at(50);
  watch.log_starts_at(20);
  EXPECT_EQ(watch.deleted(10, 30), std::nullopt);
}

}  // namespace
}  // namespace conveyor::worker
