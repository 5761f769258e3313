#include "decisions.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "frame_order.h"
#include "frame_window.h"

namespace smart_camera {
namespace {

TEST(FrameWindow, IsFullWithSoManyFramesUntilOneComesBack) {
  FrameWindow window(2, 1'000);
  window.sent(0, 1);
  EXPECT_FALSE(window.full());
  window.sent(1, 1);
  EXPECT_TRUE(window.full());
  EXPECT_TRUE(window.processed(0));
  EXPECT_FALSE(window.full());
}

TEST(FrameWindow, IsFullWithSoManyBytesButTakesOneLargeFrame) {
  FrameWindow window(10, 1'000);
  EXPECT_FALSE(window.full());
  window.sent(0, 5'000);
  EXPECT_TRUE(window.full());
  EXPECT_TRUE(window.processed(0));
  EXPECT_FALSE(window.full());
}

TEST(FrameWindow, CountsAFrameOnceAndKnowsWhatIsMissing) {
  FrameWindow window(4, 1'000);
  window.sent(0, 1);
  window.sent(1, 1);
  EXPECT_TRUE(window.processed(1));
  EXPECT_FALSE(window.processed(1));
  EXPECT_FALSE(window.processed(7));
  ASSERT_EQ(window.under_way().size(), 1U);
  EXPECT_EQ(window.under_way().begin()->first, 0);
}

std::vector<std::string> taken(FrameOrder<std::string>& order) {
  std::vector<std::string> frames;
  while (auto frame = order.take()) frames.push_back(*std::move(frame));
  return frames;
}

TEST(FrameOrder, HoldsFramesBackUntilTheirTurn) {
  FrameOrder<std::string> order(10);
  EXPECT_TRUE(order.add(1, "one"));
  EXPECT_TRUE(taken(order).empty());
  EXPECT_TRUE(order.add(0, "zero"));
  EXPECT_EQ(taken(order), (std::vector<std::string>{"zero", "one"}));
}

TEST(FrameOrder, TakesNoFrameTwice) {
  FrameOrder<std::string> order(10);
  EXPECT_TRUE(order.add(0, "zero"));
  EXPECT_FALSE(order.add(0, "zero again"));
  EXPECT_EQ(taken(order), (std::vector<std::string>{"zero"}));
  EXPECT_FALSE(order.add(0, "zero again"));
}

TEST(FrameOrder, GivesUpAMissingFrameWhenManyWaitForIt) {
  FrameOrder<std::string> order(2);
  order.add(1, "one");
  order.add(3, "three");
  EXPECT_TRUE(taken(order).empty());
  order.add(4, "four");
  EXPECT_EQ(taken(order), (std::vector<std::string>{"one"}));  // two still wait, for frame 2
  EXPECT_FALSE(order.add(0, "zero, too late"));
  EXPECT_EQ(order.take_rest(), "three");
  EXPECT_EQ(order.take_rest(), "four");
  EXPECT_EQ(order.take_rest(), std::nullopt);
}

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
