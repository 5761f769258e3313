#include "observe/line_limiter.h"

#include <gtest/gtest.h>

namespace conveyor::detail {
namespace {

using std::chrono::milliseconds;
using Clock = LineLimiter::Clock;

constexpr Clock::time_point kStart{std::chrono::hours(7)};

TEST(LineLimiter, LetsTheFirstLinesOfAPeriodPass) {
  LineLimiter limiter;
  for (std::uint64_t i = 0; i < LineLimiter::kLinesInAPeriod; ++i) {
    const auto verdict = limiter.line(kStart);
    EXPECT_TRUE(verdict.passes) << i;
    EXPECT_FALSE(verdict.first_left_out) << i;
    EXPECT_EQ(verdict.left_out_before, 0U) << i;
  }
}

TEST(LineLimiter, SaysOnceThatLinesAreLeftOutAndThenHowMany) {
  LineLimiter limiter;
  for (std::uint64_t i = 0; i < LineLimiter::kLinesInAPeriod; ++i) static_cast<void>(limiter.line(kStart));
  int told = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto verdict = limiter.line(kStart + LineLimiter::kPeriod - milliseconds(1));
    EXPECT_FALSE(verdict.passes);
    told += verdict.first_left_out ? 1 : 0;
  }
  EXPECT_EQ(told, 1);

  const auto next = limiter.line(kStart + LineLimiter::kPeriod);
  EXPECT_TRUE(next.passes);
  EXPECT_EQ(next.left_out_before, 1'000U);
  EXPECT_EQ(limiter.line(kStart + LineLimiter::kPeriod).left_out_before, 0U);
}

TEST(LineLimiter, CountsNothingOfAPeriodInWhichAllPassed) {
  LineLimiter limiter;
  static_cast<void>(limiter.line(kStart));
  const auto next = limiter.line(kStart + 5 * LineLimiter::kPeriod);
  EXPECT_TRUE(next.passes);
  EXPECT_EQ(next.left_out_before, 0U);
}

}  // namespace
}  // namespace conveyor::detail
