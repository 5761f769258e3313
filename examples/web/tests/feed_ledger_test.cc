#include "web/feed_ledger.h"

#include <gtest/gtest.h>

#include <string>

namespace web {
namespace {

class Ledger : public ::testing::Test {
 protected:
  ~Ledger() override {
    EXPECT_EQ(ledger_.published_count(), ledger_.shown_count() + ledger_.dropped_count() + ledger_.waiting_count());
    EXPECT_GE(ledger_.dropped_count(), 0);
    EXPECT_GE(ledger_.waiting_count(), 0);
  }

  std::vector<ViewerId> publish(std::int64_t number, const std::string& source = "gate") {
    return ledger_.published(std::make_shared<const WireFrame>(WireFrame{source, number, 0, "bytes"}));
  }
  /// @return the number of the frame that the viewer gets next, -1 when there is none
  std::int64_t painted(ViewerId viewer, std::int64_t number, const std::string& source = "gate") {
    const auto answer = ledger_.answered(viewer, source, number, true);
    return answer.next ? answer.next->number : -1;
  }

  FeedLedger ledger_;
};

using Viewers = std::vector<ViewerId>;

TEST_F(Ledger, DropsFramesThatNobodyWatches) {
  EXPECT_EQ(publish(0), Viewers{});
  EXPECT_EQ(ledger_.dropped_count(), 1);
}

TEST_F(Ledger, SendsTwoAheadThenTheNewestAfterEachAnswer) {
  (void)ledger_.joined(1);
  EXPECT_EQ(publish(0), Viewers{1});
  EXPECT_EQ(publish(1), Viewers{1});
  EXPECT_EQ(publish(2), Viewers{});
  EXPECT_EQ(publish(3), Viewers{});  // takes the place of 2
  EXPECT_EQ(ledger_.dropped_count(), 1);
  EXPECT_EQ(ledger_.waiting_count(), 3);
  EXPECT_EQ(painted(1, 0), 3);
  EXPECT_EQ(painted(1, 1), -1);
  EXPECT_EQ(painted(1, 3), -1);
  EXPECT_EQ(ledger_.shown_count(), 3);
  EXPECT_EQ(ledger_.waiting_count(), 0);
}

TEST_F(Ledger, CountsAFrameOnceForAllViewers) {
  (void)ledger_.joined(1);
  (void)ledger_.joined(2);
  EXPECT_EQ(publish(0), (Viewers{1, 2}));
  EXPECT_TRUE(ledger_.answered(2, "gate", 0, true).first);
  EXPECT_FALSE(ledger_.answered(1, "gate", 0, true).first);
  EXPECT_EQ(ledger_.shown_count(), 1);
}

TEST_F(Ledger, LetsASlowViewerHoldUpNobody) {
  (void)ledger_.joined(1);
  (void)ledger_.joined(2);
  for (std::int64_t number = 0; number < 10; ++number) {
    (void)publish(number);
    painted(2, number);
  }
  EXPECT_EQ(ledger_.shown_count(), 10);
  EXPECT_EQ(painted(1, 0), 9);
  EXPECT_EQ(ledger_.dropped_count(), 0);
}

TEST_F(Ledger, DropsWhatAViewerThatLeftHadNotPainted) {
  (void)ledger_.joined(1);
  for (std::int64_t number = 0; number < 4; ++number) (void)publish(number);
  painted(1, 0);
  ledger_.left(1);
  EXPECT_EQ(ledger_.shown_count(), 1);
  EXPECT_EQ(ledger_.dropped_count(), 3);
  EXPECT_EQ(painted(1, 1), -1);  // an answer that was under way
  EXPECT_EQ(ledger_.shown_count(), 1);
}

TEST_F(Ledger, DropsWhatABrowserCouldNotShow) {
  (void)ledger_.joined(1);
  (void)publish(0);
  (void)ledger_.answered(1, "gate", 0, false);
  EXPECT_EQ(ledger_.dropped_count(), 1);
}

TEST_F(Ledger, GivesANewViewerTheNewestFrameOfEachSource) {
  (void)publish(0);
  (void)publish(1);
  (void)publish(5, "yard");
  const auto frames = ledger_.joined(1);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0]->number, 1);
  EXPECT_EQ(frames[1]->number, 5);
  EXPECT_EQ(ledger_.dropped_count(), 1);
  const auto answer = ledger_.answered(1, "gate", 1, true);
  EXPECT_TRUE(answer.first);
  EXPECT_TRUE(answer.from_before);
  EXPECT_EQ(ledger_.shown_count(), 1);
}

TEST_F(Ledger, KeepsSourcesApart) {
  (void)ledger_.joined(1);
  for (std::int64_t number = 0; number < 3; ++number) (void)publish(number);
  EXPECT_EQ(publish(0, "yard"), Viewers{1});
  EXPECT_EQ(painted(1, 0, "yard"), -1);
  EXPECT_EQ(painted(1, 0), 2);
}

TEST_F(Ledger, IgnoresAnswersThatNobodyWaitsFor) {
  (void)ledger_.joined(1);
  (void)publish(0);
  EXPECT_FALSE(ledger_.answered(2, "gate", 0, true).first);
  EXPECT_FALSE(ledger_.answered(1, "yard", 0, true).first);
  EXPECT_FALSE(ledger_.answered(1, "gate", 7, true).first);
  EXPECT_EQ(ledger_.shown_count(), 0);
  painted(1, 0);
  painted(1, 0);
  EXPECT_EQ(ledger_.shown_count(), 1);
}

TEST_F(Ledger, BoundsTheNumberOfSources) {
  (void)ledger_.joined(1);
  for (int i = 0; i < 100; ++i) (void)publish(0, "source-" + std::to_string(i));
  EXPECT_EQ(ledger_.waiting_count(), 64);
  EXPECT_EQ(ledger_.joined(2).size(), 64U);
}

}  // namespace
}  // namespace web
