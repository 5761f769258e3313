#include "decisions.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace smart_camera {
namespace {

std::vector<int> changes(SteadyCount count, const std::vector<int>& people) {
  std::vector<int> frames;
  for (std::size_t i = 0; i < people.size(); ++i) {
    if (count.changed(people[i])) frames.push_back(static_cast<int>(i));
  }
  return frames;
}

TEST(SteadyCount, ChangesWhenANewNumberWasSeenOnSoManyFramesInARow) {
  EXPECT_EQ(changes(SteadyCount(3), {2, 2, 2, 2, 4, 4, 4, 4}), (std::vector<int>{2, 6}));
}

TEST(SteadyCount, PassesOverAFlicker) {
  EXPECT_EQ(changes(SteadyCount(3), {2, 2, 2, 3, 2, 2, 1, 1, 2, 3, 2}), (std::vector<int>{2}));
}

TEST(SteadyCount, CountsEachNewNumberForItself) {
  EXPECT_EQ(changes(SteadyCount(2), {0, 0, 1, 2, 1, 2, 2}), (std::vector<int>{1, 6}));
}

TEST(SteadyCount, OfOneFrameChangesAtOnceAndKnowsTheNumberBefore) {
  SteadyCount count(1);
  EXPECT_EQ(count.before(), -1);
  EXPECT_TRUE(count.changed(0));
  EXPECT_EQ(count.before(), -1);
  EXPECT_TRUE(count.changed(3));
  EXPECT_EQ(count.before(), 0);
  EXPECT_FALSE(count.changed(3));
}

struct Sight {
  std::int64_t frame;
  int people;
};

std::vector<std::int64_t> alerted(CrowdAlert alert, const std::vector<Sight>& sights) {
  std::vector<std::int64_t> frames;
  for (const Sight& sight : sights) {
    if (alert.raised("camera-1#1", sight.frame, sight.people)) frames.push_back(sight.frame);
  }
  return frames;
}

TEST(CrowdAlert, IsRaisedOnceUntilTheCrowdIsGoneForAWhile) {
  const std::vector<Sight> sights{{0, 2}, {1, 3}, {2, 4}, {3, 1}, {4, 3}, {5, 1}, {6, 0}, {7, 3}};
  EXPECT_EQ(alerted(CrowdAlert(3, 2), sights), (std::vector<std::int64_t>{1, 7}));
}

TEST(CrowdAlert, IsRaisedOnceForFramesInAnyOrder) {
  EXPECT_EQ(alerted(CrowdAlert(3, 2), {{1, 3}, {0, 3}, {3, 4}, {2, 4}}), (std::vector<std::int64_t>{1}));
}

TEST(CrowdAlert, SaysTheSameAgainOfAFrameThatComesAgain) {
  EXPECT_EQ(alerted(CrowdAlert(3, 2), {{1, 3}, {2, 3}, {1, 3}, {2, 3}}), (std::vector<std::int64_t>{1, 1}));
}

TEST(CrowdAlert, BeginsAnewWithAnotherRunOfTheCamera) {
  CrowdAlert alert(3, 2);
  EXPECT_TRUE(alert.raised("camera-1#1", 900, 3));
  EXPECT_TRUE(alert.raised("camera-1#2", 0, 3));
  EXPECT_FALSE(alert.raised("camera-1#2", 1, 3));
  EXPECT_TRUE(alert.raised("camera-1#2", 4, 3));
}

// Whatever a service that was restarted has forgotten, it alerts the crowd that is there.
TEST(CrowdAlert, MissesNothingAfterARestart) {
  for (std::int64_t restart = 0; restart < 6; ++restart) {
    CrowdAlert before(3, 2);
    CrowdAlert after(3, 2);
    int raised = 0;
    for (std::int64_t frame = 0; frame < 6; ++frame) {
      raised += (frame < restart ? before : after).raised("camera-1#1", frame, frame >= 4 ? 5 : 0) ? 1 : 0;
    }
    EXPECT_GE(raised, 1) << restart;
    EXPECT_LE(raised, 2) << restart;
  }
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
