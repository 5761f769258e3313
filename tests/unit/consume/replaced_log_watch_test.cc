#include "consume/replaced_log_watch.h"

#include <gtest/gtest.h>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using Verdict = ReplacedLogWatch::Verdict;

constexpr auto kBelieveAfter = 30s;
constexpr ReplacedLogWatch::Clock::time_point kStart = ReplacedLogWatch::Clock::time_point{} + 1h;
constexpr std::int64_t kPosition = 500;

ReplacedLogWatch::Answer kept(std::int64_t end) { return {.end = end, .told = true, .committed = true}; }
ReplacedLogWatch::Answer dropped(std::optional<std::int64_t> end) { return {.end = end, .told = true}; }

/// One that was read up to kPosition, and whose group has an offset of it.
class ReplacedLogWatchTest : public ::testing::Test {
 protected:
  ReplacedLogWatchTest() { watch.stored(); }

  Verdict answer(const ReplacedLogWatch::Answer& answer, ReplacedLogWatch::Clock::duration after = 0s) {
    return watch.answered(answer, kPosition, kBelieveAfter, kStart + after);
  }

  ReplacedLogWatch watch;
};

TEST_F(ReplacedLogWatchTest, HasNoDoubtsWithoutASign) {
  EXPECT_FALSE(watch.doubts());
  EXPECT_FALSE(watch.must_ask(kStart));
}

TEST_F(ReplacedLogWatchTest, AsksAtOnceAndThenOnceAWhile) {
  watch.rewound();
  EXPECT_TRUE(watch.must_ask(kStart));
  watch.asked(kStart);
  EXPECT_FALSE(watch.must_ask(kStart + 499ms));
  EXPECT_TRUE(watch.must_ask(kStart + 500ms));
}

// A former leader that was frozen.
TEST_F(ReplacedLogWatchTest, GoesOnWhereItWasWhenABrokerLaggedBehind) {
  for (const std::int64_t end : {kPosition, kPosition + 1, kPosition + 5'000}) {
    watch.rewound();
    EXPECT_EQ(answer(kept(end)), Verdict::kSeekBack) << end;
    EXPECT_FALSE(watch.doubts());
    EXPECT_FALSE(watch.is_shorter());
  }
}

// A recreated topic, whatever its log has grown to meanwhile.
TEST_F(ReplacedLogWatchTest, StartsOverWhenTheGroupsOffsetIsGone) {
  for (const std::int64_t end : {std::int64_t{0}, kPosition - 1, kPosition, kPosition + 1, kPosition + 5'000}) {
    for (const bool rewound : {false, true}) {
      ReplacedLogWatch one;
      one.stored();
      rewound ? one.rewound() : one.missing();
      EXPECT_EQ(one.answered(dropped(end), kPosition, kBelieveAfter, kStart), Verdict::kWait) << end;
      EXPECT_TRUE(one.doubts());
      EXPECT_EQ(one.answered(dropped(end), kPosition, kBelieveAfter, kStart + 500ms), Verdict::kStartOver) << end;
    }
  }
}

// It is shorter for a while first: being long enough later proves nothing.
TEST_F(ReplacedLogWatchTest, StartsOverWhenARecreatedLogGrowsPastThePosition) {
  watch.rewound();
  EXPECT_EQ(answer(dropped(100)), Verdict::kWait);
  EXPECT_EQ(answer(dropped(600), 5s), Verdict::kStartOver);
}

TEST_F(ReplacedLogWatchTest, WaitsForATopicThatIsNotRecreatedYet) {
  watch.missing();
  for (auto after = 0s; after < 60s; after += 1s) EXPECT_EQ(answer(dropped({}), after), Verdict::kWait);
  EXPECT_TRUE(watch.doubts());
  EXPECT_EQ(answer(dropped(3), 61s), Verdict::kStartOver);
}

// A coordinator that was frozen may answer by what it knew before.
TEST_F(ReplacedLogWatchTest, DoesNotBelieveOneAnswerThatNothingIsCommitted) {
  watch.rewound();
  EXPECT_EQ(answer(dropped(600)), Verdict::kWait);
  EXPECT_EQ(answer(kept(600), 500ms), Verdict::kSeekBack);
  watch.rewound();
  EXPECT_EQ(answer(dropped(600), 10s), Verdict::kWait) << "the first answer was taken back";
}

TEST_F(ReplacedLogWatchTest, AnAnswerThatSomethingIsCommittedTakesTheOneBeforeBackEvenWithoutAnEnd) {
  watch.rewound();
  EXPECT_EQ(answer(dropped(600)), Verdict::kWait);
  EXPECT_EQ(answer({.told = true, .committed = true}, 500ms), Verdict::kWait);
  EXPECT_EQ(answer(dropped(600), 1s), Verdict::kWait);
  EXPECT_EQ(answer(dropped(600), 1500ms), Verdict::kStartOver);
}

TEST_F(ReplacedLogWatchTest, WaitsWhileTheGroupDoesNotTell) {
  watch.rewound();
  for (auto after = 0s; after < 60s; after += 1s) EXPECT_EQ(answer({.end = 600}, after), Verdict::kWait);
  EXPECT_TRUE(watch.doubts()) << "nothing is passed over meanwhile";
}

TEST_F(ReplacedLogWatchTest, WaitsWhileNobodyTellsTheEnd) {
  watch.rewound();
  EXPECT_EQ(answer({.told = true, .committed = true}), Verdict::kWait);
  EXPECT_EQ(answer(kept(600), 1s), Verdict::kSeekBack);
}

TEST_F(ReplacedLogWatchTest, GoesOnWhenATopicWasMissedByMistake) {
  watch.missing();
  EXPECT_EQ(answer({.told = true, .committed = true}), Verdict::kGoOn) << "the end does not matter";
  EXPECT_FALSE(watch.doubts());
}

TEST_F(ReplacedLogWatchTest, NeedNotAskOnceMoreBeforeTheCommitThatDoubtsHeldUp) {
  watch.missing();
  watch.asked(kStart);
  EXPECT_EQ(answer(kept(600)), Verdict::kGoOn);
  EXPECT_FALSE(watch.must_verify(kStart));
}

TEST_F(ReplacedLogWatchTest, AsksOnceMoreWhereTheAnswerToADoubtTookLong) {
  watch.missing();
  watch.asked(kStart);
  EXPECT_EQ(answer(kept(600), 1s), Verdict::kGoOn);
  EXPECT_TRUE(watch.must_verify(kStart + 1s));
}

// A log that lost its end, in an election of a leader that was not in sync.
TEST_F(ReplacedLogWatchTest, BelievesThatALogIsShorterAfterAWhile) {
  for (auto after = 0s; after < kBelieveAfter; after += 1s) {
    watch.rewound();
    EXPECT_EQ(answer(kept(99), after), Verdict::kSeekBack);
    EXPECT_TRUE(watch.is_shorter());
  }
  watch.rewound();
  EXPECT_EQ(answer(kept(99), kBelieveAfter), Verdict::kStartOver);
  EXPECT_FALSE(watch.doubts());
}

TEST_F(ReplacedLogWatchTest, ForgetsThatALogWasShorterOnceItIsNot) {
  watch.rewound();
  EXPECT_EQ(answer(kept(40)), Verdict::kSeekBack);
  watch.rewound();
  EXPECT_EQ(answer(kept(kPosition), 20s), Verdict::kSeekBack);
  watch.rewound();
  EXPECT_EQ(answer(kept(40), 40s), Verdict::kSeekBack);
  watch.went_on();
  EXPECT_FALSE(watch.is_shorter());
  watch.rewound();
  EXPECT_EQ(answer(kept(40), 80s), Verdict::kSeekBack);
}

TEST_F(ReplacedLogWatchTest, ANewLogThatIsReplacedOnceMoreIsStartedOverOnceMore) {
  for (int round = 0; round < 3; ++round) {
    watch.rewound();
    EXPECT_EQ(answer(dropped(10), round * 10s), Verdict::kWait);
    EXPECT_EQ(answer(dropped(10), round * 10s + 1s), Verdict::kStartOver);
    EXPECT_FALSE(watch.doubts());
  }
}

// Before the first commit reading from the beginning is what a restart would do.
TEST(ReplacedLogWatch, StartsOverWhereNothingWasCommitted) {
  for (const std::int64_t end : {std::int64_t{3}, kPosition, kPosition + 100}) {
    ReplacedLogWatch watch;
    watch.rewound();
    EXPECT_EQ(watch.answered({.end = end}, kPosition, kBelieveAfter, kStart), Verdict::kWait) << "not told";
    EXPECT_EQ(watch.answered(dropped(end), kPosition, kBelieveAfter, kStart), Verdict::kStartOver) << end;
  }
}

TEST(ReplacedLogWatch, HasNothingToDoubtBeforeAnythingWasRead) {
  ReplacedLogWatch watch;
  watch.missing();
  EXPECT_EQ(watch.answered(dropped(600), {}, kBelieveAfter, kStart), Verdict::kGoOn);
  EXPECT_FALSE(watch.doubts());
}

// By time the client goes on at the old position of a new log without a word.
TEST_F(ReplacedLogWatchTest, AsksBeforeACommitWhetherTheGroupsOffsetIsThere) {
  EXPECT_TRUE(watch.must_verify(kStart));
  watch.asked(kStart);
  EXPECT_EQ(answer({.told = true, .committed = true}), Verdict::kGoOn);
  EXPECT_FALSE(watch.must_verify(kStart));
  watch.committing();
  EXPECT_FALSE(watch.must_verify(kStart + 99ms)) << "a topic is not deleted, recreated and filled in less";
  EXPECT_TRUE(watch.must_verify(kStart + 100ms));
}

TEST_F(ReplacedLogWatchTest, DoubtsWhenTheGroupsOffsetIsGoneBeforeACommit) {
  watch.asked(kStart);
  EXPECT_EQ(answer(dropped({})), Verdict::kWait);
  EXPECT_TRUE(watch.doubts());
  EXPECT_EQ(answer(dropped(600), 500ms), Verdict::kStartOver);
}

// On a machine without time for us a topic is recreated and filled while the answer is on its way.
TEST_F(ReplacedLogWatchTest, AsksAgainWhereTheAnswerCameLateAndAllowsTwiceAsLong) {
  auto at = 0ms;
  for (const auto within : {250ms, 500ms, 1'000ms, 2'000ms}) {
    EXPECT_EQ(watch.answer_within(), within);
    watch.asked(kStart + at);
    at += within + 1ms;
    EXPECT_EQ(answer({.told = true, .committed = true}, at), Verdict::kWait);
    EXPECT_TRUE(watch.must_verify(kStart + at));
    EXPECT_FALSE(watch.doubts()) << "what is read goes on";
  }
  watch.asked(kStart + at);
  EXPECT_EQ(answer({.told = true, .committed = true}, at + 250ms), Verdict::kGoOn);
  EXPECT_FALSE(watch.must_verify(kStart + at + 250ms));
  watch.committing();
  EXPECT_TRUE(watch.must_verify(kStart + at + 250ms)) << "it served that commit and no other";
}

TEST_F(ReplacedLogWatchTest, AnAnswerThatServedNoCommitGetsOld) {
  watch.asked(kStart);
  EXPECT_EQ(answer({.told = true, .committed = true}), Verdict::kGoOn);
  EXPECT_TRUE(watch.must_verify(kStart + 1s));
}

TEST_F(ReplacedLogWatchTest, DoesNotCommitBecauseTheGroupWasSilentForAMoment) {
  watch.asked(kStart);
  EXPECT_EQ(answer({}, 250ms), Verdict::kWait);
  EXPECT_TRUE(watch.must_verify(kStart + 250ms));
  watch.asked(kStart + 250ms);
  EXPECT_EQ(answer(dropped({}), 400ms), Verdict::kWait) << "the answer that was missing";
  EXPECT_TRUE(watch.doubts());
}

TEST_F(ReplacedLogWatchTest, CommitsWhereTheGroupDoesNotTellForLong) {
  auto at = 0ms;
  for (const auto within : {250ms, 500ms, 1'000ms, 2'000ms, 4'000ms}) {
    EXPECT_TRUE(watch.must_verify(kStart + at));
    watch.asked(kStart + at);
    at += within;
    EXPECT_EQ(answer({}, at), within < 4s ? Verdict::kWait : Verdict::kGoOn);
  }
  EXPECT_FALSE(watch.must_verify(kStart + at)) << "the commit goes the same way";
}

TEST(ReplacedLogWatch, HasNothingToAskForBeforeTheFirstCommit) {
  ReplacedLogWatch watch;
  EXPECT_EQ(watch.answered(dropped(600), kPosition, kBelieveAfter, kStart), Verdict::kGoOn) << "nothing can be gone";
  EXPECT_FALSE(watch.doubts());
  EXPECT_FALSE(watch.must_verify(kStart));
  EXPECT_FALSE(watch.is_stored());
}

}  // namespace
}  // namespace conveyor::worker
