#include "consume/stored_offset_watch.h"

#include <gtest/gtest.h>

#include <chrono>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using Clock = StoredOffsetWatch::Clock;

TEST(StoredOffsetWatch, OffsetsOfItsOwnCommitsDoNotTellForLong) {
  StoredOffsetWatch watch;
  Clock::time_point now{1h};
  EXPECT_TRUE(watch.must_ask(now));
  watch.found(now);
  EXPECT_FALSE(watch.must_ask(now + 99ms));
  EXPECT_TRUE(watch.must_ask(now + 100ms)) << "a topic can have been recreated";
  for (const auto end = now + 999ms; now < end; now += 50ms) watch.committed(now);
  EXPECT_FALSE(watch.must_ask(now - 1ms));
  EXPECT_TRUE(watch.must_ask(now)) << "a commit brings the offset of a topic that was deleted back";
}

// Without this a slow answer after one that said "none" let the transaction commit past the new topic's records.
TEST(StoredOffsetWatch, AnOffsetThatIsGoneIsAskedForUntilItIsThere) {
  StoredOffsetWatch watch;
  const Clock::time_point now{1h};
  watch.found(now);
  EXPECT_FALSE(watch.is_dropped());
  watch.dropped();
  EXPECT_TRUE(watch.is_dropped());
  EXPECT_TRUE(watch.must_ask(now) && watch.may_ask(now)) << "however lately it was asked for";
  watch.committed(now);
  EXPECT_TRUE(watch.is_dropped()) << "of another transaction that was on its way";
  watch.found(now);
  EXPECT_FALSE(watch.is_dropped() || watch.must_ask(now) || watch.may_ask(now));
}

TEST(StoredOffsetWatch, ANewPartitionIsAskedAbout) {
  const StoredOffsetWatch watch;
  const Clock::time_point now{1h};
  EXPECT_TRUE(watch.must_ask(now) && watch.may_ask(now));
  EXPECT_FALSE(watch.is_dropped());
}

TEST(StoredOffsetWatch, AQuestionIncludesAPartitionThatWasNotAskedAboutJustNow) {
  StoredOffsetWatch watch;
  const Clock::time_point now{1h};
  watch.found(now);
  EXPECT_FALSE(watch.may_ask(now + 99ms));
  EXPECT_TRUE(watch.may_ask(now + 100ms));
}

TEST(StoredOffsetWatch, ACommitPutsOffTheQuestionButIsNoAnswer) {
  StoredOffsetWatch watch;
  const Clock::time_point now{1h};
  watch.found(now);
  watch.committed(now + 90ms);
  EXPECT_FALSE(watch.must_ask(now + 189ms));
  EXPECT_TRUE(watch.must_ask(now + 190ms));
  EXPECT_TRUE(watch.may_ask(now + 100ms)) << "it may come along with another partition's question";
}

TEST(StoredOffsetWatch, ALateAnswerCountsFromWhenItWasAsked) {
  StoredOffsetWatch watch;
  const Clock::time_point asked{1h};
  watch.found(asked);
  EXPECT_TRUE(watch.must_ask(asked + 150ms)) << "the answer took 150 ms, and is as old as that";
}

}  // namespace
}  // namespace conveyor::worker
