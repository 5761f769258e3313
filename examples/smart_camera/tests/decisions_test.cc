#include "decisions.h"

#include <gtest/gtest.h>

#include <vector>

namespace smart_camera {
namespace {

TEST(CountChange, SeesTheFirstFrameAndEachOtherNumber) {
  CountChange count;
  EXPECT_TRUE(count.changed(0));
  EXPECT_EQ(count.before(), -1);
  EXPECT_FALSE(count.changed(0));
  EXPECT_TRUE(count.changed(3));
  EXPECT_EQ(count.before(), 0);
  EXPECT_FALSE(count.changed(3));
  EXPECT_TRUE(count.changed(2));
  EXPECT_EQ(count.before(), 3);
}

TEST(CrowdAlert, IsRaisedOnceUntilTheCrowdIsGoneForAWhile) {
  CrowdAlert alert(3, 2);
  EXPECT_FALSE(alert.raised(2));
  EXPECT_TRUE(alert.raised(3));
  EXPECT_FALSE(alert.raised(4));
  EXPECT_FALSE(alert.raised(1));  // one frame below: perhaps somebody was missed
  EXPECT_FALSE(alert.raised(3));
  EXPECT_FALSE(alert.raised(1));
  EXPECT_FALSE(alert.raised(0));
  EXPECT_TRUE(alert.raised(3));
}

std::vector<int> sample(int things, std::size_t most) {
  EvenSample<int> kept(most);
  for (int i = 0; i < things; ++i) {
    if (kept.wanted()) kept.add(i);
  }
  return kept.kept();
}

TEST(EvenSample, KeepsAllOfAFew) { EXPECT_EQ(sample(3, 4), (std::vector<int>{0, 1, 2})); }

TEST(EvenSample, SpreadsOverAll) {
  EXPECT_EQ(sample(5, 4), (std::vector<int>{0, 2, 4}));
  EXPECT_EQ(sample(8, 4), (std::vector<int>{0, 2, 4, 6}));
  EXPECT_EQ(sample(100, 4), (std::vector<int>{0, 32, 64, 96}));
}

}  // namespace
}  // namespace smart_camera
