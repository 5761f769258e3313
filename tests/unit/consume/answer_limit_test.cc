#include "consume/answer_limit.h"

#include <gtest/gtest.h>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;

constexpr AnswerLimit::Clock::time_point kStart = AnswerLimit::Clock::time_point{} + 1h;

TEST(AnswerLimit, CountsAnAnswerThatComesInTime) {
  AnswerLimit limit;
  EXPECT_EQ(limit.within(), 250ms);
  EXPECT_TRUE(limit.answered(true, kStart, kStart));
  EXPECT_TRUE(limit.answered(true, kStart, kStart + 250ms));
  EXPECT_FALSE(limit.answered(true, kStart, kStart + 251ms));
}

TEST(AnswerLimit, AllowsTwiceAsLongAfterEachThatIsLateOrMissing) {
  for (const bool told : {false, true}) {
    AnswerLimit limit;
    auto now = kStart;
    for (const auto within : {250ms, 500ms, 1'000ms, 2'000ms}) {
      EXPECT_EQ(limit.within(), within);
      const auto asked_at = now;
      now += within + 1ms;
      EXPECT_FALSE(limit.answered(told, asked_at, now));
    }
    EXPECT_EQ(limit.within(), 4s);
    EXPECT_TRUE(limit.answered(told, now, now + 4'001ms)) << "and then it goes on without";
    EXPECT_EQ(limit.within(), 250ms) << "for the next commit anew";
  }
}

TEST(AnswerLimit, BeginsAnewAfterOneThatCounted) {
  AnswerLimit limit;
  EXPECT_FALSE(limit.answered(false, kStart, kStart + 250ms));
  EXPECT_FALSE(limit.answered(false, kStart + 250ms, kStart + 750ms));
  EXPECT_TRUE(limit.answered(true, kStart + 750ms, kStart + 1'750ms));
  EXPECT_EQ(limit.within(), 250ms);
}

// A coordinator that is moving refuses at once, and the next commit may reach the new one.
TEST(AnswerLimit, TakesRefusalsForNoSilence) {
  AnswerLimit limit;
  auto now = kStart;
  while (!limit.answered(false, now, now + 1ms)) now += 20ms;
  EXPECT_GE(now, kStart + 7'750ms);
  EXPECT_LT(now, kStart + 8s);
}

TEST(AnswerLimit, AQuestionThatWasCutShortIsNotTheLast) {
  AnswerLimit limit;
  auto now = kStart;
  for (const auto within : {250ms, 500ms, 1'000ms, 2'000ms}) {
    EXPECT_FALSE(limit.answered(false, now, now + within));
    now += within;
  }
  EXPECT_FALSE(limit.answered(false, now, now + 200ms));
  EXPECT_TRUE(limit.answered(false, now + 200ms, now + 4s));
}

TEST(AnswerLimit, TimeInWhichNobodyWasAskedIsNoSilence) {
  AnswerLimit limit;
  auto now = kStart;
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(limit.answered(false, now, now + 1ms));
    now += 1h;
  }
  EXPECT_EQ(limit.within(), 250ms);
}

// Then it is we who were silent.
TEST(AnswerLimit, AsksAgainWhereTheProcessWasStopped) {
  AnswerLimit limit;
  auto now = kStart;
  for (int i = 0; i < 10; ++i) {
    for (const bool told : {true, false}) {
      EXPECT_FALSE(limit.answered(told, now, now + 30s));
      now += 30s;
    }
  }
  EXPECT_TRUE(limit.answered(true, now, now + 4s));
}

}  // namespace
}  // namespace conveyor::worker
