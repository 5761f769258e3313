#include "dead_letters/replay_progress.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "dead_letters/problems.h"

namespace conveyor::detail {
namespace {

using Offsets = std::map<std::int32_t, std::int64_t>;

TEST(ReplayProgress, IsCommittedBehindWhatIsAcknowledged) {
  ReplayProgress progress;
  EXPECT_EQ(progress.committable(), Offsets());
  progress.begin(0, 10);
  progress.begin(0, 11);
  progress.begin(1, 5);
  EXPECT_EQ(progress.committable(), Offsets());
  progress.acknowledge(0, 10);
  progress.acknowledge(1, 5);
  EXPECT_EQ(progress.committable(), (Offsets{{0, 11}, {1, 6}}));
}

TEST(ReplayProgress, IsNeverCommittedBeyondWhatFailed) {
  ReplayProgress progress;
  for (std::int64_t offset = 10; offset < 14; ++offset) progress.begin(0, offset);
  progress.acknowledge(0, 10);
  progress.acknowledge(0, 12);
  progress.fail(0, 11, "the topic is gone");
  progress.acknowledge(0, 13);
  EXPECT_EQ(progress.committable(), (Offsets{{0, 11}}));
}

TEST(ReplayProgress, IsNeverCommittedBeyondWhatHasNoAnswer) {
  ReplayProgress progress;
  progress.begin(0, 10);
  progress.begin(0, 11);
  progress.acknowledge(0, 11);
  progress.pass_over(0, 12);
  EXPECT_EQ(progress.committable(), Offsets());
  progress.acknowledge(0, 10);
  EXPECT_EQ(progress.committable(), (Offsets{{0, 13}}));
}

TEST(ReplayProgress, PassesOverWhatIsNotSentAndWhatTheLogSkips) {
  ReplayProgress progress;
  progress.pass_over(0, 10);
  progress.begin(0, 20);
  progress.acknowledge(0, 20);
  EXPECT_EQ(progress.committable(), (Offsets{{0, 21}}));
}

TEST(ReplayProgress, ReportsWhatBecameOfEachAndThenWhatTheScanFound) {
  ReplayProgress progress;
  progress.begin(0, 10);
  progress.begin(0, 11);
  progress.acknowledge(0, 10);
  progress.fail(0, 11, "the topic is gone");
  const auto report =
      progress.report({.matched = 2, .foreign = 1, .problems = {{1, 7, "not a dead letter"}}, .stopped = true});
  EXPECT_EQ(report.matched, 2U);
  EXPECT_EQ(report.sent, 1U);
  EXPECT_EQ(report.failed, 1U);
  EXPECT_EQ(report.foreign, 1U);
  EXPECT_TRUE(report.stopped);
  ASSERT_EQ(report.problems.size(), 2U);
  EXPECT_EQ(report.problems[0].offset, 11);
  EXPECT_EQ(report.problems[0].text, "the topic is gone");
  EXPECT_EQ(report.problems[1].partition, 1);
}

TEST(ReplayProgress, CountsAllFailuresAndNamesTheFirst) {
  ReplayProgress progress;
  for (std::int64_t offset = 0; offset < 1'000; ++offset) progress.fail(0, offset, "no");
  const auto report = progress.report({.problems = {{1, 7, "not a dead letter"}}});
  EXPECT_EQ(report.failed, 1'000U);
  ASSERT_EQ(report.problems.size(), kMostProblems);
  EXPECT_EQ(report.problems.back().offset, static_cast<std::int64_t>(kMostProblems) - 1);
}

}  // namespace
}  // namespace conveyor::detail
