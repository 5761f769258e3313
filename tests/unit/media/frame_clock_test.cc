#include "media/frame_clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace conveyor::media {
namespace {

using namespace std::chrono_literals;

void expect(FrameClock::Stamp stamp, std::int64_t number, std::chrono::microseconds time) {
  EXPECT_EQ(stamp.number, number);
  EXPECT_EQ(stamp.time, time);
}

TEST(FrameClock, CountsFramesAndGivesTheirPositions) {
  FrameClock clock(10);
  expect(clock.frame_read(0ms), 0, 0ms);
  expect(clock.frame_read(100ms), 1, 100ms);
  expect(clock.frame_read(270ms), 2, 270ms);
  EXPECT_EQ(clock.undecoded(), 0);
}

TEST(FrameClock, CountsAFrameThatCouldNotBeDecoded) {
  FrameClock clock(10);
  (void)clock.frame_read(0ms);
  clock.read_failed();
  EXPECT_EQ(clock.undecoded(), 0) << "it may have been the end";
  expect(clock.frame_read(200ms), 2, 200ms);
  EXPECT_EQ(clock.undecoded(), 1);
  expect(clock.frame_read(300ms), 3, 300ms);
}

TEST(FrameClock, CountsTheFirstFramesToo) {
  FrameClock clock(10);
  clock.read_failed();
  clock.read_failed();
  expect(clock.frame_read(200ms), 2, 200ms);
}

TEST(FrameClock, FindsTheGapBehindFramesThatTheDecoderHeldBack) {
  // H.264 at 10 frames a second: reads fail, then two frames in front of the broken ones come, then the gap.
  FrameClock clock(10);
  (void)clock.frame_read(0ms);
  for (int i = 0; i < 3; ++i) clock.read_failed();
  expect(clock.frame_read(100ms), 1, 100ms);
  expect(clock.frame_read(200ms), 2, 200ms);
  expect(clock.frame_read(500ms), 5, 500ms);
  expect(clock.frame_read(700ms), 7, 700ms);
  expect(clock.frame_read(800ms), 8, 800ms);
  EXPECT_EQ(clock.undecoded(), 3);
}

TEST(FrameClock, TakesGapsForLostFramesOnlyWhereReadsFailed) {
  FrameClock clock(10);
  (void)clock.frame_read(0ms);
  expect(clock.frame_read(1000ms), 1, 1000ms);
}

TEST(FrameClock, GoesOnWherePositionsEnd) {
  FrameClock clock(10);
  (void)clock.frame_read(0ms);
  (void)clock.frame_read(100ms);
  expect(clock.frame_read(0ms), 2, 200ms);
  expect(clock.frame_read(std::nullopt), 3, 300ms);
  expect(clock.frame_read(300ms), 4, 400ms);
}

TEST(FrameClock, KeepsTheLastStepWhereTheRateIsNotKnown) {
  FrameClock clock(0);
  (void)clock.frame_read(0ms);
  (void)clock.frame_read(40ms);
  expect(clock.frame_read(0ms), 2, 80ms);
  clock.read_failed();
  expect(clock.frame_read(160ms), 4, 160ms);
}

TEST(FrameClock, AlwaysRises) {
  FrameClock clock(0);
  std::chrono::microseconds last{-1};
  for (int i = 0; i < 5; ++i) {
    const auto stamp = clock.frame_read(0ms);
    EXPECT_GT(stamp.time, last);
    last = stamp.time;
  }
}

TEST(FrameClock, ForgetsReadsThatFailedBecauseAConnectionBroke) {
  FrameClock clock(0);
  (void)clock.frame_read(0ms);
  clock.read_failed();
  clock.forget_failed();
  expect(clock.frame_read(50ms), 1, 50ms);
  EXPECT_EQ(clock.undecoded(), 0);
}

}  // namespace
}  // namespace conveyor::media
