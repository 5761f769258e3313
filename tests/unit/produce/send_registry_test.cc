#include "produce/send_registry.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/fake_producer_handle.h"

namespace conveyor::kafka {
namespace {

using tests::number_of;
using tests::numbered_send;

/// A registry and sends of 100 bytes, numbered from 0, that it may have.
class SendRegistryTest : public ::testing::Test {
 protected:
  SendRegistryTest() {
    for (int id = 0; id < 6; ++id) sends_.push_back(numbered_send(id, {}, {}, 100));
  }
  ProducerRecord* send(int id) { return sends_[static_cast<std::size_t>(id)].get(); }
  void accept(int from, int to, bool with_client = true) {
    for (int id = from; id < to; ++id) registry_.accept(send(id), 10, with_client);
  }
  std::vector<int> in_order() const {
    std::vector<int> ids;
    for (ProducerRecord* one = registry_.oldest(); one != nullptr; one = one->next) ids.push_back(number_of(*one));
    return ids;
  }

  std::vector<ProducerRecord::Ptr> sends_;
  SendRegistry registry_{{.messages = 4, .bytes = 350}};
};

TEST_F(SendRegistryTest, NumbersSendsInTheOrderOfAcceptance) {
  accept(0, 3);
  EXPECT_EQ(send(0)->sequence, 1U);
  EXPECT_EQ(send(2)->sequence, 3U);
  EXPECT_EQ(registry_.last_sequence(), 3U);
  EXPECT_EQ(in_order(), (std::vector{0, 1, 2}));
}

TEST_F(SendRegistryTest, CountsWhatItAccepts) {
  accept(0, 2);
  const ProducerCounters& counters = registry_.counters();
  EXPECT_EQ(counters.accepted, 2U);
  EXPECT_EQ(counters.in_flight, 2U);
  EXPECT_EQ(counters.in_flight_bytes, 200U);
  EXPECT_EQ(counters.message_bytes, 20U);
  EXPECT_EQ(counters.record_bytes, 200U);
}

TEST_F(SendRegistryTest, ForgetsEntirelyWhatTheClientRefused) {
  accept(0, 1);
  registry_.undo_accept(send(0), 10);
  const ProducerCounters& counters = registry_.counters();
  EXPECT_EQ(counters.accepted + counters.in_flight + counters.in_flight_bytes, 0U);
  EXPECT_EQ(counters.message_bytes + counters.record_bytes, 0U);
  EXPECT_EQ(registry_.oldest(), nullptr);
  EXPECT_EQ(counters.delivered + counters.failed, 0U);
}

TEST_F(SendRegistryTest, HasRoomForOneSendHoweverLarge) {
  EXPECT_TRUE(registry_.has_room(1'000'000));
  accept(0, 1);
  EXPECT_FALSE(registry_.has_room(1'000'000));
}

TEST_F(SendRegistryTest, HasRoomUpToTheBoundOfBytes) {
  accept(0, 2);
  EXPECT_TRUE(registry_.has_room(150));
  EXPECT_FALSE(registry_.has_room(151));
}

TEST_F(SendRegistryTest, HasRoomUpToTheBoundOfMessages) {
  SendRegistry registry{{.messages = 2, .bytes = 10'000}};
  registry.accept(send(0), 0, true);
  EXPECT_TRUE(registry.has_room(1));
  registry.accept(send(1), 0, true);
  EXPECT_FALSE(registry.has_room(1));
}

TEST_F(SendRegistryTest, HasRoomAgainForWhatIsResolved) {
  accept(0, 3);
  EXPECT_FALSE(registry_.has_room(100));
  registry_.resolve(send(1), false);
  EXPECT_TRUE(registry_.has_room(100));
  EXPECT_EQ(in_order(), (std::vector{0, 2}));
}

TEST_F(SendRegistryTest, CountsEachResolutionAsDeliveredOrFailed) {
  accept(0, 3);
  registry_.resolve(send(2), false);
  registry_.resolve(send(0), true);
  registry_.resolve(send(1), false);
  EXPECT_EQ(registry_.counters().delivered, 2U);
  EXPECT_EQ(registry_.counters().failed, 1U);
  EXPECT_EQ(registry_.counters().in_flight, 0U);
  EXPECT_EQ(registry_.counters().in_flight_bytes, 0U);
}

TEST_F(SendRegistryTest, KnowsUpToWhereAllIsResolvedThoughLaterOnesAreFirst) {
  accept(0, 3);
  registry_.resolve(send(2), false);
  EXPECT_FALSE(registry_.resolved_up_to(1));
  registry_.resolve(send(0), false);
  EXPECT_TRUE(registry_.resolved_up_to(1));
  EXPECT_FALSE(registry_.resolved_up_to(2));
  registry_.resolve(send(1), false);
  EXPECT_TRUE(registry_.resolved_up_to(3));
}

TEST_F(SendRegistryTest, CountsWhatIsWithTheClientAndWhatWaits) {
  accept(0, 2);
  accept(2, 3, false);
  EXPECT_EQ(registry_.with_client(), 2U);
  EXPECT_EQ(registry_.waiting(), 1U);
  registry_.hand_over(send(2));
  registry_.take_back(send(0));
  EXPECT_EQ(registry_.with_client(), 2U);
  EXPECT_EQ(registry_.waiting(), 1U);
  registry_.resolve(send(0), true);
  EXPECT_EQ(registry_.waiting(), 0U);
  EXPECT_EQ(registry_.with_client(), 2U);
}

TEST_F(SendRegistryTest, RemembersThatSomeClientMayHaveStoredASend) {
  accept(0, 1);
  registry_.take_back(send(0), true);
  registry_.hand_over(send(0));
  registry_.take_back(send(0), false);
  EXPECT_TRUE(send(0)->possibly_stored) << "by the first client";
  EXPECT_FALSE(send(0)->may_repeat) << "the last one says that it is not";
}

TEST_F(SendRegistryTest, LooksFirstAtTheOldestWhenAllIsSentAgain) {
  accept(0, 3);
  registry_.begin_resend();
  EXPECT_EQ(registry_.unsent(), send(0));
}

TEST_F(SendRegistryTest, GoesOnBehindASendThatIsResolvedWhileItIsTheNext) {
  accept(0, 3);
  registry_.begin_resend();
  registry_.resolve(send(0), true);
  EXPECT_EQ(registry_.unsent(), send(1));
}

TEST_F(SendRegistryTest, LooksAtWhatIsAcceptedAfterAllElseWasSentAgain) {
  accept(0, 1);
  registry_.set_unsent(nullptr);
  accept(1, 3, false);
  EXPECT_EQ(registry_.unsent(), send(1));
}

TEST_F(SendRegistryTest, TimesItselfWhatWasSentAgain) {
  accept(0, 2);
  EXPECT_TRUE(registry_.is_timed_by_client(*send(0)));
  registry_.end_resend();
  accept(2, 3);
  EXPECT_FALSE(registry_.is_timed_by_client(*send(1)));
  EXPECT_TRUE(registry_.is_timed_by_client(*send(2)));
  EXPECT_EQ(registry_.counters().recoveries, 1U);
}

TEST_F(SendRegistryTest, AnExpiredSendIsFailedButTakesRoomUntilItsClientReports) {
  accept(0, 3);
  registry_.expire(send(1));
  EXPECT_TRUE(send(1)->expired);
  EXPECT_EQ(registry_.counters().failed, 1U);
  EXPECT_EQ(registry_.counters().in_flight, 2U);
  EXPECT_EQ(registry_.expired(), 1U);
  EXPECT_FALSE(registry_.has_room(100));
  EXPECT_EQ(in_order(), (std::vector{0, 2}));
  registry_.remove_expired(send(1));
  EXPECT_TRUE(registry_.has_room(100));
  EXPECT_EQ(registry_.counters().failed, 1U);
}

TEST_F(SendRegistryTest, GivesUpAClientWithAllItHas) {
  accept(0, 3);
  accept(3, 4, false);
  registry_.take_back(send(1), false);
  registry_.expire(send(2));
  std::vector<int> kept;
  std::vector<int> expired;
  registry_.give_up_client([&](ProducerRecord* one) { kept.push_back(number_of(*one)); },
                           [&](ProducerRecord* one) { expired.push_back(number_of(*one)); });
  EXPECT_EQ(kept, std::vector{0});
  EXPECT_EQ(expired, std::vector{2});
  EXPECT_EQ(registry_.with_client(), 0U);
  EXPECT_EQ(registry_.expired(), 0U);
  EXPECT_TRUE(send(0)->possibly_stored && send(0)->may_repeat);
  EXPECT_FALSE(send(1)->possibly_stored) << "it had been given back";
  EXPECT_FALSE(send(3)->possibly_stored) << "no client had it";
}

TEST_F(SendRegistryTest, ReportsWhatWasResolvedSinceTheLastReport) {
  accept(0, 3);
  registry_.resolve(send(0), false);
  auto report = registry_.report_since_last();
  EXPECT_EQ(report.delivered, 1U);
  EXPECT_EQ(report.failed, 0U);
  EXPECT_EQ(report.left, 2U);
  registry_.resolve(send(1), true);
  report = registry_.report_since_last();
  EXPECT_EQ(report.delivered, 0U);
  EXPECT_EQ(report.failed, 1U);
  EXPECT_EQ(report.left, 1U);
}

}  // namespace
}  // namespace conveyor::kafka
