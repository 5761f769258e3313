#include "produce/ended_sends.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/fake_producer_handle.h"

namespace conveyor::kafka {
namespace {

using namespace std::chrono_literals;
using tests::number_of;
using tests::numbered_send;

const auto kStart = ProducerRecovery::Clock::time_point{} + 1h;

/// Sends numbered from 0, each due a second later than the one before, the first at kStart + 1 s.
class EndedSendsTest : public ::testing::Test {
 protected:
  void accept(int count, bool with_client) {
    for (int i = 0; i < count; ++i) {
      const int id = static_cast<int>(sends_.size());
      sends_.push_back(numbered_send(id));
      sends_.back()->due = kStart + (id + 1) * 1s;
      registry_.accept(sends_.back().get(), 0, with_client);
    }
  }
  EndedSends at(ProducerRecovery::Clock::time_point now) const { return find_ended_sends(registry_, recovery_, now); }
  static std::vector<int> ids(const std::vector<EndedSend>& ended) {
    std::vector<int> found;
    for (const EndedSend& one : ended) found.push_back(number_of(*one.send));
    return found;
  }

  std::vector<ProducerRecord::Ptr> sends_;
  SendRegistry registry_{{.messages = 100, .bytes = 10'000}};
  ProducerRecovery recovery_{{}};
};

TEST_F(EndedSendsTest, AClientThatWorksTimesItsSendsItself) {
  accept(3, true);
  EXPECT_TRUE(at(kStart + 1h).ended.empty());
  EXPECT_TRUE(at(kStart + 1h).expired.empty());
}

TEST_F(EndedSendsTest, WhatWaitsForAClientEndsWithItsTime) {
  recovery_.client_failed(kStart, true, 0);
  accept(3, false);
  EXPECT_TRUE(at(kStart + 999ms).ended.empty());
  const auto found = at(kStart + 2s);
  EXPECT_EQ(ids(found.ended), (std::vector{0, 1}));
  EXPECT_EQ(found.ended[0].fate, Fate::kTimedOut);
}

TEST_F(EndedSendsTest, WhatWaitsBehindAndBeforeSendsOfAClientEndsToo) {
  recovery_.client_failed(kStart, true, 0);
  accept(1, true);
  accept(1, false);
  accept(1, true);
  accept(1, false);
  EXPECT_EQ(ids(at(kStart + 1h).ended), (std::vector{1, 3}));
  EXPECT_TRUE(at(kStart + 1h).expired.empty()) << "what a failed client has is waited for";
}

TEST_F(EndedSendsTest, WhatWasSentAgainExpiresThoughItsClientHasIt) {
  accept(2, true);
  registry_.end_resend();
  accept(1, true);
  const auto found = at(kStart + 1h);
  EXPECT_EQ(ids(found.expired), (std::vector{0, 1})) << "the third is timed by its client";
  EXPECT_EQ(found.expired[0].fate, Fate::kPossiblyDelivered);
  EXPECT_TRUE(found.ended.empty());
}

TEST_F(EndedSendsTest, WhatIsBeingSentAgainIsTimedByItsClientUntilAllIsSent) {
  recovery_.client_failed(kStart, true, 0);
  recovery_.rebuilt();
  accept(1, true);
  accept(1, false);
  const auto found = at(kStart + 1h);
  EXPECT_TRUE(found.expired.empty());
  EXPECT_EQ(ids(found.ended), std::vector{1});
}

TEST_F(EndedSendsTest, WhatABrokerMayHaveEndsAtOnceWithoutResend) {
  ProducerRecovery recovery{{.resend = false}};
  recovery.client_failed(kStart, true, 0);
  accept(2, true);
  registry_.take_back(sends_[0].get(), true);
  registry_.take_back(sends_[1].get(), false);
  const auto found = find_ended_sends(registry_, recovery, kStart);
  EXPECT_EQ(ids(found.ended), std::vector{0});
  EXPECT_EQ(found.ended[0].fate, Fate::kPossiblyDelivered);
}

TEST_F(EndedSendsTest, NothingWaitsOnceNoClientIsMadeAnyMore) {
  recovery_.client_failed(kStart, false, 0);
  accept(2, false);
  const auto found = at(kStart);
  EXPECT_EQ(ids(found.ended), (std::vector{0, 1}));
  EXPECT_EQ(found.ended[1].fate, Fate::kClientFailed);
}

}  // namespace
}  // namespace conveyor::kafka
