#include "source_order.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace image_messaging {
namespace {

using namespace std::chrono_literals;

constexpr SourceOrder::Time kStart{};

LabelledFrame frame(std::int64_t number, std::int64_t captured_us = 0, const std::string& source = "") {
  LabelledFrame result;
  result.image.set_frame(number);
  result.image.set_capture_time_us(captured_us);
  result.image.set_source(source);
  return result;
}

std::vector<std::int64_t> taken(SourceOrder& order) {
  std::vector<std::int64_t> result;
  while (auto one = order.take()) result.push_back(one->image.frame());
  return result;
}

using Numbers = std::vector<std::int64_t>;

TEST(SourceOrder, PutsFramesIntoOrder) {
  SourceOrder order({});
  for (const std::int64_t number : {1, 0, 3, 2}) order.add(frame(number), kStart);
  EXPECT_EQ(taken(order), (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(order.waiting(), 0U);
}

TEST(SourceOrder, KeepsSourcesApart) {
  SourceOrder order({});
  order.add(frame(1, 0, "a"), kStart);
  order.add(frame(0, 0, "b"), kStart);
  EXPECT_EQ(taken(order), (Numbers{0}));
  order.add(frame(0, 0, "a"), kStart);
  EXPECT_EQ(taken(order), (Numbers{0, 1}));
}

TEST(SourceOrder, GivesUpAMissingFrameWhenManyWaitOrForLong) {
  SourceOrder order({.patience_frames = 2, .patience = 1s});
  for (const std::int64_t number : {1, 2, 3}) order.add(frame(number), kStart);
  EXPECT_EQ(taken(order), (Numbers{1, 2, 3}));
  order.add(frame(5), kStart + 100ms);
  order.expire(kStart + 1'099ms);
  EXPECT_EQ(taken(order), Numbers{});
  EXPECT_EQ(order.waiting(), 1U);
  order.expire(kStart + 1'100ms);
  EXPECT_EQ(taken(order), Numbers{5});
  order.add(frame(4), kStart + 1'200ms);
  EXPECT_EQ(taken(order), Numbers{});
  EXPECT_EQ(order.late(), 1);
}

TEST(SourceOrder, TellsARestartFromALateFrameByTheTimeOfCapture) {
  SourceOrder order({.patience_frames = 2});
  for (std::int64_t number = 0; number < 5; ++number) order.add(frame(number, 1'000 + number), kStart);
  order.add(frame(3, 1'003), kStart);
  EXPECT_EQ(order.late(), 1);
  for (std::int64_t number = 0; number < 2; ++number) order.add(frame(number, 2'000 + number), kStart);
  EXPECT_EQ(taken(order), (Numbers{0, 1, 2, 3, 4, 0, 1}));
  EXPECT_EQ(order.late(), 1);
}

TEST(SourceOrder, TellsARestartByAFarLowerNumberWhereTheTimeIsNotKnown) {
  SourceOrder order({.patience_frames = 3});
  for (std::int64_t number = 0; number < 8; ++number) order.add(frame(number), kStart);
  order.add(frame(6), kStart);
  EXPECT_EQ(order.late(), 1);
  for (std::int64_t number = 0; number < 2; ++number) order.add(frame(number), kStart);
  EXPECT_EQ(taken(order), (Numbers{0, 1, 2, 3, 4, 5, 6, 7, 0, 1}));
}

TEST(SourceOrder, ShowsWhatWaitedBeforeARestart) {
  SourceOrder order({.patience_frames = 5});
  order.add(frame(0, 1'000), kStart);
  order.add(frame(2, 1'002), kStart);
  order.add(frame(0, 2'000), kStart);
  EXPECT_EQ(taken(order), (Numbers{0, 2, 0}));
  EXPECT_EQ(order.waiting(), 0U);
}

TEST(SourceOrder, ForgetsTheQuietestOfTooManySources) {
  SourceOrder order({.most_sources = 2});
  order.add(frame(1, 0, "a"), kStart);
  order.add(frame(1, 0, "b"), kStart + 1ms);
  order.add(frame(1, 0, "c"), kStart + 2ms);
  EXPECT_EQ(taken(order), Numbers{1});
  EXPECT_EQ(order.waiting(), 2U);
  order.finish();
  EXPECT_EQ(taken(order), (Numbers{1, 1}));
}

}  // namespace
}  // namespace image_messaging
