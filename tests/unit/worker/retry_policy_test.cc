#include "core/retry_policy.h"

#include <gtest/gtest.h>

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr RetryPolicy::Clock::time_point kNow{std::chrono::hours(1)};

RetryOptions options() {
  return {.attempts = 5,
          .initial_backoff = milliseconds(100),
          .max_backoff = milliseconds(500),
          .retry_timeout = milliseconds(2'000)};
}

TEST(RetryPolicy, DoublesTheWaitUpToTheLongest) {
  const RetryPolicy policy{options()};
  const auto most = [&](int attempt) { return policy.wait_after(attempt, 0.999999).count(); };
  EXPECT_NEAR(static_cast<double>(most(1)), 100, 1);
  EXPECT_NEAR(static_cast<double>(most(2)), 200, 1);
  EXPECT_NEAR(static_cast<double>(most(3)), 400, 1);
  EXPECT_NEAR(static_cast<double>(most(4)), 500, 1);
  EXPECT_NEAR(static_cast<double>(most(1'000'000)), 500, 1);
}

TEST(RetryPolicy, TakesARandomPartBetweenHalfAndAll) {
  const RetryPolicy policy{options()};
  EXPECT_EQ(policy.wait_after(3, 0.0), milliseconds(200));
  EXPECT_EQ(policy.wait_after(3, 0.5), milliseconds(300));
  EXPECT_LT(policy.wait_after(3, 0.999), milliseconds(400));
}

TEST(RetryPolicy, EndsAfterTheLastAttempt) {
  const RetryPolicy policy{options()};
  EXPECT_TRUE(policy.next_attempt(4, kNow, kNow, 0.5));
  EXPECT_FALSE(policy.next_attempt(5, kNow, kNow, 0.5));
  EXPECT_FALSE(policy.next_attempt(6, kNow, kNow, 0.5));
}

TEST(RetryPolicy, AnAttemptAllowedIsNoRetry) {
  EXPECT_FALSE(RetryPolicy{{.attempts = 1}}.next_attempt(1, kNow, kNow, 0.5));
}

TEST(RetryPolicy, EndsWhenTheNextAttemptWouldComeAfterTheTotalTime) {
  const RetryPolicy policy{options()};
  EXPECT_TRUE(policy.next_attempt(1, kNow - milliseconds(1'900), kNow, 0.9));  // 95 ms more
  EXPECT_FALSE(policy.next_attempt(1, kNow - milliseconds(1'910), kNow, 0.9));
}

TEST(RetryPolicy, TreatsNegativeWaitsAsNone) {
  const RetryPolicy policy{{.initial_backoff = milliseconds(-5), .max_backoff = milliseconds(-1)}};
  EXPECT_EQ(policy.wait_after(3, 0.9), milliseconds(0));
}

}  // namespace
}  // namespace conveyor::worker
