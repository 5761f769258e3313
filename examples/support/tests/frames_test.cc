#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/frame_order.h"
#include "support/frame_window.h"

namespace support {
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

}  // namespace
}  // namespace support
