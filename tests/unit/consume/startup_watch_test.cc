#include "consume/startup_watch.h"

#include <gtest/gtest.h>

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr StartupWatch::Clock::time_point kStart{};

TEST(StartupWatch, LooksOnceThePatienceIsOver) {
  const StartupWatch watch{kStart, milliseconds(100)};
  EXPECT_FALSE(watch.must_look(kStart + milliseconds(99)));
  EXPECT_TRUE(watch.must_look(kStart + milliseconds(100)));
}

TEST(StartupWatch, DoesNotLookOnceTheGroupAnswered) {
  StartupWatch watch{kStart, milliseconds(100)};
  watch.assigned();
  EXPECT_FALSE(watch.must_look(kStart + milliseconds(1'000)));
}

TEST(StartupWatch, LooksForAMissingTopicThoughOthersWereAssigned) {
  StartupWatch watch{kStart, milliseconds(100)};
  watch.topic_missing();
  watch.assigned();
  EXPECT_TRUE(watch.must_look(kStart + milliseconds(100)));
}

TEST(StartupWatch, LooksOnlyUntilItIsSatisfied) {
  StartupWatch watch{kStart, milliseconds(100)};
  watch.satisfied();
  EXPECT_FALSE(watch.must_look(kStart + milliseconds(1'000)));
}

TEST(StartupWatch, NeverLooksWithEndlessPatience) {
  const StartupWatch watch{kStart, milliseconds::max()};
  EXPECT_FALSE(watch.must_look(kStart + std::chrono::hours(24 * 400)));
}

TEST(StartupWatch, WaitsUntilItWasGivenItsShareOrItsTopicsAreThere) {
  StartupWatch assigned{kStart, milliseconds(100)}, satisfied{kStart, milliseconds(100)};
  EXPECT_TRUE(assigned.waits());
  assigned.assigned();
  EXPECT_FALSE(assigned.waits());
  satisfied.satisfied();
  EXPECT_FALSE(satisfied.waits());
  EXPECT_FALSE(StartupWatch(kStart, milliseconds::max()).waits()) << "for ever, so that nothing gives it up";
}

TEST(StartupWatch, SaysWhenItWillLook) {
  StartupWatch watch{kStart, milliseconds(100)};
  EXPECT_EQ(watch.due(), kStart + milliseconds(100));
  watch.assigned();
  EXPECT_EQ(watch.due(), std::nullopt);
  watch.topic_missing();
  EXPECT_EQ(watch.due(), kStart + milliseconds(100));
  watch.satisfied();
  EXPECT_EQ(watch.due(), std::nullopt);
}

TEST(StartupWatch, AsksOnceWhenNothingWasGivenAndNoTopicNamedAsMissing) {
  StartupWatch watch{kStart, milliseconds(30'000)};
  EXPECT_FALSE(watch.must_ask(kStart + milliseconds(1'999)));
  EXPECT_TRUE(watch.must_ask(kStart + milliseconds(2'000)));
  EXPECT_FALSE(watch.must_ask(kStart + milliseconds(9'000)));
}

TEST(StartupWatch, DoesNotAskWhatItKnows) {
  StartupWatch assigned{kStart, milliseconds(30'000)};
  assigned.assigned();
  EXPECT_FALSE(assigned.must_ask(kStart + milliseconds(9'000)));
  StartupWatch named{kStart, milliseconds(30'000)};
  named.topic_missing();
  EXPECT_FALSE(named.must_ask(kStart + milliseconds(9'000)));
}

}  // namespace
}  // namespace conveyor::worker
