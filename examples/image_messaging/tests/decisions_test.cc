#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "label_change.h"
#include "pace.h"

namespace image_messaging {
namespace {

using namespace std::chrono_literals;
using Step = LabelChange::Step;

std::vector<Step> steps(LabelChange& change, const std::vector<std::string>& labels) {
  std::vector<Step> result;
  for (const std::string& label : labels) result.push_back(change.add(label));
  return result;
}

TEST(LabelChange, IsTheFirstLabelTooOnceItHasHeld) {
  LabelChange change(3);
  EXPECT_EQ(steps(change, {"cat", "cat", "cat", "cat"}),
            (std::vector{Step::kBegan, Step::kNone, Step::kChanged, Step::kNone}));
  EXPECT_EQ(change.label(), "cat");
  EXPECT_EQ(change.before(), "");
}

TEST(LabelChange, IgnoresALabelThatDoesNotHold) {
  LabelChange change(2);
  steps(change, {"cat", "cat"});
  EXPECT_EQ(steps(change, {"dog", "cat", "dog", "cat"}),
            (std::vector{Step::kBegan, Step::kNone, Step::kBegan, Step::kNone}));
  EXPECT_EQ(change.label(), "cat");
}

TEST(LabelChange, StartsAgainWhenAThirdLabelComesBetween) {
  LabelChange change(2);
  steps(change, {"cat", "cat"});
  EXPECT_EQ(steps(change, {"dog", "fish", "dog", "dog"}),
            (std::vector{Step::kBegan, Step::kBegan, Step::kBegan, Step::kChanged}));
  EXPECT_EQ(change.label(), "dog");
  EXPECT_EQ(change.before(), "cat");
}

TEST(LabelChange, HappensAtOnceWhenOneFrameIsEnough) {
  LabelChange change(1);
  EXPECT_EQ(steps(change, {"cat", "cat", "dog", ""}),
            (std::vector{Step::kChanged, Step::kNone, Step::kChanged, Step::kChanged}));
}

TEST(LabelChange, CountsNoLabelAsOne) {
  LabelChange change(2);
  EXPECT_EQ(steps(change, {"", "", ""}), (std::vector{Step::kBegan, Step::kChanged, Step::kNone}));
}

constexpr Pace::Time kStart{1h};

TEST(Pace, SpreadsFramesEvenly) {
  Pace pace(10);
  EXPECT_EQ(pace.next(kStart), kStart);
  EXPECT_EQ(pace.next(kStart), kStart + 100ms);
  EXPECT_EQ(pace.next(kStart + 130ms), kStart + 200ms);
}

TEST(Pace, DoesNotHurryAfterAPause) {
  Pace pace(10);
  pace.next(kStart);
  EXPECT_EQ(pace.next(kStart + 5s), kStart + 5s);
  EXPECT_EQ(pace.next(kStart + 5s), kStart + 5s + 100ms);
}

TEST(Pace, KeepsTheRateWhenAFrameIsALittleLate) {
  Pace pace(10);
  pace.next(kStart);
  EXPECT_EQ(pace.next(kStart + 150ms), kStart + 100ms);
  EXPECT_EQ(pace.next(kStart + 150ms), kStart + 200ms);
}

TEST(Pace, IsAtOnceWithoutARate) {
  Pace pace(0);
  EXPECT_EQ(pace.next(kStart), kStart);
  EXPECT_EQ(pace.next(kStart + 1ms), kStart + 1ms);
  EXPECT_TRUE(pace.wanted(kStart + 1ms));
  EXPECT_TRUE(pace.wanted(kStart + 1ms));
}

TEST(Pace, TakesEverySecondFrameOfACameraThatGivesTwice) {
  Pace pace(10);
  int taken = 0;
  for (int i = 0; i < 20; ++i) taken += pace.wanted(kStart + i * 50ms + (i % 3) * 2ms) ? 1 : 0;
  EXPECT_EQ(taken, 10);
}

}  // namespace
}  // namespace image_messaging
