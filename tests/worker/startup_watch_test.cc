#include "worker/startup_watch.h"

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

}  // namespace
}  // namespace conveyor::worker
