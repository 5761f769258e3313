#include "media/read_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace conveyor::media {
namespace {

using namespace std::chrono_literals;
using Next = ReadWatch::Next;

constexpr ReadWatch::Clock::time_point kStart{};

/// How many reads fail until there is something else to do than to read on.
int reads_until(ReadWatch& watch, Next what, ReadWatch::Clock::time_point now = kStart) {
  for (int i = 1; i <= 5000; ++i) {
    const Next next = watch.read_failed(false, now);
    if (next == Next::kReadOn) continue;
    EXPECT_EQ(next, what);
    return i;
  }
  return -1;
}

TEST(ReadWatch, EndsAFileBehindTheLastFrameThatItDeclares) {
  ReadWatch watch({.declared = 10});
  watch.frame_read(10);
  EXPECT_EQ(watch.read_failed(false, kStart), Next::kEnd);
  EXPECT_EQ(watch.read_failed(false, kStart), Next::kEnd);
}

TEST(ReadWatch, ReadsOnWhereFramesShouldFollow) {
  ReadWatch watch({.declared = 10});
  watch.frame_read(4);
  EXPECT_EQ(watch.read_failed(false, kStart), Next::kReadOn);
  watch.frame_read(6);
  EXPECT_EQ(reads_until(watch, Next::kEnd), 4) << "frames 6 to 9 may be broken, each";
}

TEST(ReadWatch, EndsAFileThatDeclaresFarTooManyFramesInBoundedTime) {
  ReadWatch watch({.declared = std::int64_t{1} << 40});
  watch.frame_read(4);
  EXPECT_EQ(reads_until(watch, Next::kEnd), 1000);
}

TEST(ReadWatch, ReadsOnForAWhileWhereTheLengthIsNotKnown) {
  ReadWatch watch({});
  watch.frame_read(4);
  EXPECT_EQ(reads_until(watch, Next::kEnd), 100);
}

TEST(ReadWatch, GivesUpWhatHasAnEndAndIsSilent) {
  ReadWatch watch({.declared = 10, .reconnect_timeout = 10s});
  EXPECT_EQ(watch.read_failed(true, kStart), Next::kGiveUp) << "opened again it would begin from its beginning";
}

TEST(ReadWatch, TakesAFewFailuresOfALiveStreamForBrokenFrames) {
  ReadWatch watch({.live = true, .reconnect_timeout = 10s});
  watch.frame_read(4);
  EXPECT_EQ(reads_until(watch, Next::kReconnect), 30);
}

TEST(ReadWatch, ReconnectsAtOnceWhenALiveStreamIsSilent) {
  ReadWatch watch({.live = true, .reconnect_timeout = 10s});
  EXPECT_EQ(watch.read_failed(true, kStart), Next::kReconnect);
  EXPECT_EQ(watch.backoff(), 100ms);
}

TEST(ReadWatch, WaitsLongerEachTimeAndGivesUpInTime) {
  ReadWatch watch({.live = true, .reconnect_timeout = 30s});
  auto now = kStart;
  std::vector<std::chrono::milliseconds> waits;
  for (Next next = watch.read_failed(true, now); next == Next::kReconnect; next = watch.open_failed(now)) {
    waits.push_back(watch.backoff());
    now += watch.backoff();
  }
  ASSERT_GE(waits.size(), 7U);
  const std::vector<std::chrono::milliseconds> first(waits.begin(), waits.begin() + 7);
  EXPECT_EQ(first, (std::vector<std::chrono::milliseconds>{100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms}));
  EXPECT_EQ(now, kStart + 30s);
}

TEST(ReadWatch, CountsAnOpenStreamWithoutFramesAsBroken) {
  ReadWatch watch({.live = true, .reconnect_timeout = 1s});
  EXPECT_EQ(watch.read_failed(true, kStart), Next::kReconnect);
  EXPECT_EQ(watch.read_failed(true, kStart + 500ms), Next::kReconnect);
  EXPECT_EQ(watch.read_failed(true, kStart + 1s), Next::kGiveUp);
}

TEST(ReadWatch, BeginsAnewWithAFrame) {
  ReadWatch watch({.live = true, .reconnect_timeout = 1s});
  EXPECT_EQ(watch.read_failed(true, kStart), Next::kReconnect);
  watch.frame_read(1);
  EXPECT_EQ(watch.read_failed(true, kStart + 5s), Next::kReconnect);
  EXPECT_EQ(watch.backoff(), 100ms);
}

TEST(ReadWatch, BeginsAnewForWhomReadsOnAfterItGaveUp) {
  ReadWatch watch({.live = true, .reconnect_timeout = 1s});
  EXPECT_EQ(watch.open_failed(kStart), Next::kReconnect);
  EXPECT_EQ(watch.open_failed(kStart + 1s), Next::kGiveUp);
  EXPECT_EQ(watch.open_failed(kStart + 2s), Next::kReconnect);
}

TEST(ReadWatch, NeverReconnectsWhereThatIsNotAllowed) {
  ReadWatch watch({.live = true});
  EXPECT_EQ(watch.read_failed(true, kStart), Next::kGiveUp);
}

}  // namespace
}  // namespace conveyor::media
