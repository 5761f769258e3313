#include "vision/serve/freshness.h"

#include <gtest/gtest.h>

namespace conveyor::vision {
namespace {

using namespace std::chrono_literals;

TEST(Freshness, KeepsFramesThatAreNotTooOld) {
  const std::vector<Frame> frames{{.age = 500ms}, {.age = 499ms}, {.age = 0ms}};
  EXPECT_EQ(worthwhile(frames, 500ms), (std::vector<bool>{true, true, true}));
}

TEST(Freshness, PassesOverOldFramesThatANewerOneFollows) {
  const std::vector<Frame> frames{{.age = 900ms}, {.age = 600ms}, {.age = 300ms}};
  EXPECT_EQ(worthwhile(frames, 500ms), (std::vector<bool>{false, false, true}));
}

TEST(Freshness, KeepsTheLastFrameOfEachCameraHoweverOld) {
  const std::vector<Frame> frames{{.source = "a", .age = 9s},
                                  {.source = "b", .age = 9s},
                                  {.source = "a", .age = 8s},
                                  {.topic = "other", .source = "a", .age = 9s},
                                  {.partition = 1, .source = "a", .age = 9s}};
  EXPECT_EQ(worthwhile(frames, 500ms), (std::vector<bool>{false, true, true, true, true}));
}

TEST(Freshness, HasNothingToSayOfNothing) { EXPECT_TRUE(worthwhile({}, 0ms).empty()); }

}  // namespace
}  // namespace conveyor::vision
