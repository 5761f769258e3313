#include "consume/client_recovery.h"

#include <gtest/gtest.h>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;

constexpr ClientRecovery::Clock::time_point kStart = ClientRecovery::Clock::time_point{} + 1h;

TEST(ClientRecovery, ReplacesNothingWhileTheClientWorks) {
  const ClientRecovery recovery;
  EXPECT_FALSE(recovery.due(kStart));
  EXPECT_EQ(recovery.at(), std::nullopt);
}

TEST(ClientRecovery, ReplacesAClientAfterAWait) {
  ClientRecovery recovery;
  const auto wait = recovery.failed("a fatal error", kStart, 0.5);
  ASSERT_TRUE(wait);
  EXPECT_GE(*wait, ClientRecovery::kFirstWait / 2);
  EXPECT_LE(*wait, ClientRecovery::kFirstWait);
  EXPECT_EQ(recovery.at(), kStart + *wait);
  EXPECT_FALSE(recovery.due(kStart + *wait - 1ms));
  EXPECT_TRUE(recovery.due(kStart + *wait));
  EXPECT_EQ(recovery.begin(), "a fatal error");
  EXPECT_FALSE(recovery.due(kStart + 1h)) << "once";
}

TEST(ClientRecovery, KeepsTheFirstReason) {
  ClientRecovery recovery;
  ASSERT_TRUE(recovery.failed("first", kStart, 0));
  EXPECT_FALSE(recovery.failed("second", kStart + 1ms, 0));
  EXPECT_EQ(recovery.begin(), "first");
}

TEST(ClientRecovery, WaitsLongerForEachClientThatReadsNothing) {
  ClientRecovery recovery;
  std::chrono::milliseconds before{0};
  for (int i = 0; i < 8; ++i) {
    const auto wait = recovery.failed("again", kStart, 0.999);
    ASSERT_TRUE(wait);
    EXPECT_GT(*wait, before);
    before = *wait;
    recovery.begin();
  }
  for (int i = 0; i < 8; ++i) {
    EXPECT_LE(recovery.failed("again", kStart, 0.999).value(), ClientRecovery::kLongestWait);
    recovery.begin();
  }
}

TEST(ClientRecovery, BeginsWithTheShortestWaitOnceARecordWasRead) {
  ClientRecovery recovery;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(recovery.failed("again", kStart, 0.999));
    recovery.begin();
  }
  recovery.progress();
  EXPECT_LE(recovery.failed("later", kStart, 0.999).value(), ClientRecovery::kFirstWait);
}

}  // namespace
}  // namespace conveyor::worker
