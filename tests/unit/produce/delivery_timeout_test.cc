// The delivery timeout of sends while clients fail: of those that wait for one, and of those whose client began to count
// too late.

#include <gtest/gtest.h>

#include <vector>

#include "unit/produce/engine_under_test.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

constexpr auto kTooLarge = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;

TEST(DeliveryTimeout, IsKeptWhileThereIsNoClient) {
  EngineUnderTest producer({.delivery_timeout = 500ms});
  producer.send(0);
  producer.cluster.make_failures = 1'000;
  producer.client().fail(kFails);
  producer.run(490ms);
  EXPECT_EQ(producer.times(0), 0U);
  producer.run(100ms);
  EXPECT_EQ(producer.outcome(0), errc::timed_out);
}

TEST(DeliveryTimeout, SaysThatABrokerMayHaveWhatTimesOutInARecovery) {
  EngineUnderTest producer({.delivery_timeout = 2s});
  producer.send(0);
  producer.client().put_on_its_way(0);
  producer.cluster.make_failures = 1'000;
  producer.client().fail(kFails);
  producer.run(2'200ms);
  EXPECT_EQ(producer.outcome(0), errc::possibly_delivered);
}

/// One send that was sent again half a second before its time was over, and whose client says nothing.
void expire_one(EngineUnderTest& producer) {
  producer.send(0);
  producer.run(500ms);
  producer.client().fail(kFails);
  producer.run(1s);
  ASSERT_EQ(producer.outcome(0), errc::possibly_delivered);
  ASSERT_EQ(producer.client().has(), std::vector{0});
}

TEST(DeliveryTimeout, IsKeptOfWhatWasSentAgain) {
  EngineUnderTest producer({.delivery_timeout = 1s});
  expire_one(producer);
  EXPECT_EQ(producer.counters().in_flight, 0U);
  EXPECT_EQ(producer.counters().failed, 1U);
}

TEST(DeliveryTimeout, DoesNotResolveAnExpiredSendAgainWhenItsClientReports) {
  for (const auto error : {RD_KAFKA_RESP_ERR_NO_ERROR, kTooLarge, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT}) {
    EngineUnderTest producer({.delivery_timeout = 1s});
    expire_one(producer);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      producer.client().deliver(0);
    } else {
      producer.client().refuse(0, error);
    }
    producer.run(100ms);
    EXPECT_EQ(producer.times(0), 1U);
    EXPECT_EQ(producer.counters().failed, 1U);
    EXPECT_EQ(producer.counters().delivered, 0U);
  }
}

TEST(DeliveryTimeout, DoesNotSendAnExpiredSendToTheNextClient) {
  EngineUnderTest producer({.delivery_timeout = 1s});
  expire_one(producer);
  producer.client().fail(kFails);
  producer.send(1);
  producer.run(500ms);
  ASSERT_EQ(producer.cluster.clients.size(), 3U);
  EXPECT_EQ(producer.client().has(), std::vector{1});
  EXPECT_EQ(producer.times(0), 1U);
}

TEST(DeliveryTimeout, AnExpiredSendTakesRoomUntilItsClientReports) {
  EngineUnderTest producer({.when_full = WhenFull::kFail, .max_queued_messages = 1, .delivery_timeout = 1s});
  expire_one(producer);
  EXPECT_EQ(producer.send(1), errc::queue_full);
  producer.client().deliver(0);
  producer.run();
  EXPECT_EQ(producer.send(1), errc::ok);
}

}  // namespace
}  // namespace conveyor::tests
