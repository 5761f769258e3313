// The delivery thread's side of a producer: reports in every order, clients that fail, hang, or are never made.

#include "produce/delivery_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "unit/produce/engine_under_test.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

constexpr auto kTooLarge = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;

TEST(DeliveryLoop, ResolvesEachSendOnceInEveryOrderOfReports) {
  std::vector<int> order{0, 1, 2, 3, 4};
  do {
    EngineUnderTest producer;
    producer.send_all(0, 5);
    for (const int id : order) producer.client().deliver(id);
    producer.run();
    ASSERT_TRUE(producer.all_once(0, 5));
    ASSERT_EQ(producer.order, order);
    ASSERT_EQ(producer.counters().delivered, 5U);
    ASSERT_EQ(producer.counters().in_flight, 0U);
  } while (std::ranges::next_permutation(order).found);
}

TEST(DeliveryLoop, TellsDeliveredAndRefusedApart) {
  EngineUnderTest producer;
  producer.send_all(0, 3);
  producer.client().refuse(1, kTooLarge);
  producer.client().deliver(2);
  producer.client().refuse(0, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
  producer.run();
  EXPECT_EQ(producer.outcome(0), errc::timed_out);
  EXPECT_EQ(producer.outcome(1), errc::message_too_large);
  EXPECT_EQ(producer.outcome(2), errc::ok);
  EXPECT_EQ(producer.counters().failed, 2U);
}

TEST(DeliveryLoop, SendsAgainInOrderWhatAFailedClientGivesBackInAnyOrder) {
  std::vector<int> order{0, 1, 2, 3};
  do {
    EngineUnderTest producer;
    producer.send_all(0, 4);
    producer.client().fail(kFails);
    for (const int id : order) producer.client().give_back(id, RD_KAFKA_RESP_ERR__PURGE_QUEUE, false);
    producer.run(200ms);
    ASSERT_EQ(producer.cluster.clients.size(), 2U);
    ASSERT_EQ(producer.client().has(), (std::vector{0, 1, 2, 3}));
    ASSERT_TRUE(producer.order.empty()) << "nothing is resolved yet";
    producer.client().deliver_all();
    producer.run();
    ASSERT_TRUE(producer.all_once(0, 4));
    ASSERT_EQ(producer.counters().recoveries, 1U);
    ASSERT_EQ(producer.counters().possible_duplicates, 0U);
  } while (std::ranges::next_permutation(order).found);
}

TEST(DeliveryLoop, DoesNotSendAgainWhatWasAnsweredThoughTheClientFailed) {
  EngineUnderTest producer;
  producer.send_all(0, 3);
  producer.client().deliver(0);
  producer.client().refuse(1, kTooLarge);
  producer.client().fail(kFails);
  producer.run(200ms);
  EXPECT_EQ(producer.client().has(), std::vector{2});
  EXPECT_EQ(producer.outcome(0), errc::ok);
  EXPECT_EQ(producer.outcome(1), errc::message_too_large);
}

TEST(DeliveryLoop, SeesTheFailureBeforeTheReportsOfWhatItBringsWithIt) {
  EngineUnderTest producer;
  producer.send(0);
  producer.client().give_back(0, RD_KAFKA_RESP_ERR__FATAL, true);
  producer.client().fail(kFails);
  producer.run();
  EXPECT_EQ(producer.times(0), 0U) << "it goes to the next client";
  producer.run(200ms);
  EXPECT_EQ(producer.client().has(), std::vector{0});
}

TEST(DeliveryLoop, PinsASendToThePartitionThatTheFirstClientChose) {
  EngineUnderTest producer;
  producer.send_all(0, 2);
  EXPECT_EQ(producer.client().partition_of(0), -1);
  producer.client().fail(kFails);
  producer.client().give_back(0, RD_KAFKA_RESP_ERR__PURGE_QUEUE, false);
  producer.run(200ms);
  EXPECT_EQ(producer.client().partition_of(0), 3);
  EXPECT_EQ(producer.client().partition_of(1), -1) << "none had been chosen";
}

TEST(DeliveryLoop, WhatIsSentDuringARecoveryComesAfterWhatWasSentBefore) {
  EngineUnderTest producer;
  producer.send_all(0, 3);
  producer.client().fail(kFails);
  producer.run(20ms);
  producer.send_all(3, 6);
  EXPECT_EQ(producer.cluster.clients.size(), 1U);
  EXPECT_EQ(producer.counters().in_flight, 6U);
  producer.run(200ms);
  EXPECT_EQ(producer.client().has(), (std::vector{0, 1, 2, 3, 4, 5}));
}

TEST(DeliveryLoop, WhatIsSentWhileAllIsSentAgainKeepsItsPlaceToo) {
  EngineUnderTest producer;
  constexpr int kBefore = 600;
  producer.send_all(0, kBefore);
  producer.client().fail(kFails);
  int next = kBefore;
  producer.cluster.on_make = [&](FakeProducerHandle& client) {
    client.on_produce = [&] {
      // While batches go, others send.
      if (next < kBefore + 50 && client.has().size() < 256) producer.send(next++);
    };
  };
  producer.run(300ms);
  const auto has = producer.client().has();
  EXPECT_EQ(has.size(), static_cast<std::size_t>(next));
  EXPECT_TRUE(std::ranges::is_sorted(has));
  EXPECT_EQ(producer.counters().recoveries, 1U);
  producer.client().on_produce = nullptr;
  producer.send(next);
  EXPECT_EQ(producer.client().has().back(), next) << "the gate is open again";
}

TEST(DeliveryLoop, CountsAsPossibleDuplicatesWhatWasOnItsWay) {
  EngineUnderTest producer;
  producer.send_all(0, 5);
  producer.client().put_on_its_way(0);
  producer.client().put_on_its_way(1);
  producer.client().fail(kFails);
  producer.run(1'500ms);
  EXPECT_EQ(producer.client().has(), (std::vector{0, 1, 2, 3, 4}));
  EXPECT_EQ(producer.counters().possible_duplicates, 2U);
  const auto events = producer.observer->events(Event::Kind::kRecovered);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].text,
            "the producer's Kafka client was recreated; 5 sends were sent again, 2 of which a broker may have stored "
            "already (the client failed for good)");
}

TEST(DeliveryLoop, DoublesNothingWithoutResend) {
  EngineUnderTest producer({.resend = false});
  producer.send_all(0, 4);
  producer.client().put_on_its_way(1);
  producer.client().fail(kFails);
  producer.run(1'500ms);
  EXPECT_EQ(producer.client().has(), (std::vector{0, 2, 3}));
  EXPECT_EQ(producer.outcome(1), errc::possibly_delivered);
  EXPECT_NE(producer.last_text.find("ProducerOptions::resend = false"), std::string::npos);
  EXPECT_EQ(producer.counters().possible_duplicates, 0U);
}

TEST(DeliveryLoop, GivesAClientTimeBeforeItAsksForWhatIsOnItsWay) {
  EngineUnderTest producer;
  producer.send(0);
  FakeProducerHandle& failed = producer.client();
  failed.put_on_its_way(0);
  failed.fail(kFails);
  producer.run(900ms);
  EXPECT_EQ(failed.asked_for_unsent, 9);
  EXPECT_EQ(failed.asked_for_all, 0);
  failed.deliver(0);
  producer.run(20ms);
  EXPECT_EQ(producer.outcome(0), errc::ok) << "and nothing is doubled";
  EXPECT_EQ(producer.counters().possible_duplicates, 0U);
}

TEST(DeliveryLoop, GoesOnWithoutAClientThatHangs) {
  EngineUnderTest producer;
  producer.send_all(0, 3);
  producer.client().gives_back = false;
  producer.client().fail(kFails);
  producer.run(2'900ms);
  EXPECT_EQ(producer.cluster.clients.size(), 1U);
  producer.run(300ms);
  ASSERT_EQ(producer.cluster.clients.size(), 2U);
  EXPECT_EQ(producer.client().has(), (std::vector{0, 1, 2}));
  EXPECT_EQ(producer.counters().possible_duplicates, 3U) << "all that it had";
  producer.client().deliver_all();
  producer.run();
  EXPECT_TRUE(producer.all_once(0, 3));
}

TEST(DeliveryLoop, KeepsWhatAHungClientMayStillRead) {
  EngineUnderTest producer;
  producer.cluster.destroys_at_once = false;
  producer.send(0);
  FakeProducerHandle& hung = producer.client();
  hung.gives_back = false;
  hung.fail(kFails);
  producer.run(3'200ms);
  producer.client().deliver_all();
  producer.run();
  EXPECT_EQ(producer.outcome(0), errc::ok);
  EXPECT_EQ(hung.has(), std::vector{0}) << "its memory is there to be read";
}

TEST(DeliveryLoop, ReadsNoReportOfAClientThatWasGivenUp) {
  EngineUnderTest producer;
  producer.cluster.destroys_at_once = false;
  producer.send(0);
  FakeProducerHandle& hung = producer.client();
  hung.gives_back = false;
  hung.fail(kFails);
  producer.run(3'200ms);
  hung.deliver(0);
  producer.run(100ms);
  EXPECT_EQ(producer.times(0), 0U);
  producer.client().deliver(0);
  producer.run();
  EXPECT_EQ(producer.outcome(0), errc::ok);
  EXPECT_EQ(producer.cluster.stored, (std::vector{0, 0})) << "the one possible duplicate";
}

TEST(DeliveryLoop, TriesAgainToMakeAClientUntilItCan) {
  EngineUnderTest producer;
  producer.send_all(0, 2);
  producer.cluster.make_failures = 3;
  producer.client().fail(kFails);
  producer.run(100ms);
  producer.send(2);
  producer.run(2s);
  EXPECT_EQ(producer.cluster.make_failures, 0);
  EXPECT_EQ(producer.client().has(), (std::vector{0, 1, 2}));
  const auto lines = producer.observer->lines();
  EXPECT_EQ(
      std::ranges::count(lines, "the producer's Kafka client cannot be recreated; it is tried again: no client today"),
      3);
}

TEST(DeliveryLoop, ReplacesAClientThatFailsWhileItGetsTheSends) {
  EngineUnderTest producer;
  producer.send_all(0, 4);
  producer.client().fail(kFails);
  producer.cluster.on_make = [&](FakeProducerHandle& client) {
    if (producer.cluster.clients.size() != 2) return;
    client.on_produce = [&] {
      if (client.has().size() == 2) client.fail(kFails);
    };
  };
  producer.run(1s);
  ASSERT_EQ(producer.cluster.clients.size(), 3U);
  EXPECT_EQ(producer.client().has(), (std::vector{0, 1, 2, 3}));
  EXPECT_EQ(producer.counters().recoveries, 1U) << "the second never had all";
  producer.client().deliver_all();
  producer.run();
  EXPECT_TRUE(producer.all_once(0, 4));
}

TEST(DeliveryLoop, GoesOnLaterWhenTheNewClientsQueueIsFull) {
  EngineUnderTest producer;
  producer.send_all(0, 3);
  producer.client().fail(kFails);
  producer.cluster.on_make = [](FakeProducerHandle& client) {
    client.answers = {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__QUEUE_FULL};
  };
  producer.run(200ms);
  EXPECT_EQ(producer.client().has(), (std::vector{0, 1, 2}));
  EXPECT_EQ(producer.counters().recoveries, 1U);
}

TEST(DeliveryLoop, ReportsToTheCallbackWhatSendWouldHaveRefused) {
  EngineUnderTest producer;
  producer.client().fail(kFails);
  producer.run(20ms);
  EXPECT_EQ(producer.send(0), errc::ok);
  producer.cluster.on_make = [](FakeProducerHandle& client) { client.answers = {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC}; };
  producer.run(200ms);
  EXPECT_EQ(producer.outcome(0), errc::unknown_topic);
}

TEST(DeliveryLoop, EndsAllWhereNoClientWouldFareBetter) {
  EngineUnderTest producer;
  producer.send_all(0, 3);
  producer.client().put_on_its_way(0);
  producer.client().fail(RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
  producer.run(1'500ms);
  EXPECT_EQ(producer.outcome(0), errc::possibly_delivered);
  EXPECT_EQ(producer.outcome(1), errc::fatal);
  EXPECT_EQ(producer.outcome(2), errc::fatal);
  EXPECT_EQ(producer.send(3), errc::fatal);
  EXPECT_EQ(producer.cluster.clients.size(), 1U);
  EXPECT_EQ(producer.counters().recoveries, 0U);
}

TEST(DeliveryLoop, WakesWhoWaitsForRoomWhenNothingIsAcceptedAnyMore) {
  EngineUnderTest producer({.block_timeout = 1h, .max_queued_messages = 1});
  producer.send(0);
  producer.client().put_on_its_way(0);
  producer.client().fail(RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION);
  EXPECT_EQ(producer.send(1), errc::fatal);
  EXPECT_EQ(producer.clock.waits, 1);
  EXPECT_EQ(producer.counters().in_flight, 1U) << "there is no room yet";
}

TEST(DeliveryLoop, ACallbackMaySendWhateverTheClientDoes) {
  EngineUnderTest producer;
  producer.engine.begin();
  producer.on_resolved = [&](int id) {
    if (id >= 20) return;
    if (id % 5 == 0) producer.client().fail(kFails);
    EXPECT_EQ(producer.send(id + 20), errc::ok);
  };
  producer.send_all(0, 20);
  for (int i = 0; i < 50; ++i) {
    if (producer.client().fatal_error() == RD_KAFKA_RESP_ERR_NO_ERROR) producer.client().deliver_all();
    producer.run(100ms);
  }
  EXPECT_TRUE(producer.all_once(0, 40));
  EXPECT_EQ(producer.counters().delivered, 40U);
}

TEST(DeliveryLoop, DestroysAnOldClientOnceNobodyIsInIt) {
  EngineUnderTest producer;
  {
    const auto visit = producer.engine.queue().visit();
    producer.client().fail(kFails);
    producer.run(200ms);
    ASSERT_EQ(producer.cluster.clients.size(), 2U);
    EXPECT_EQ(producer.cluster.begun_to_destroy, 0);
  }
  producer.run(20ms);
  EXPECT_EQ(producer.cluster.begun_to_destroy, 1);
  EXPECT_EQ(producer.cluster.clients[0], nullptr);
}

TEST(DeliveryLoop, LooksMoreOftenWhileSomethingIsToBeDone) {
  EngineUnderTest producer;
  producer.run(20ms);
  EXPECT_EQ(producer.client().last_poll, 100ms);
  producer.send(0);
  FakeProducerHandle& failed = producer.client();
  failed.put_on_its_way(0);
  failed.fail(kFails);
  producer.run(30ms);
  EXPECT_EQ(failed.last_poll, 10ms);
}

TEST(DeliveryLoop, WaitsLongerFromFailureToFailureUntilSomethingIsDelivered) {
  EngineUnderTest producer;
  const auto recovery = [&] {
    const auto clients = producer.cluster.clients.size();
    const auto start = producer.clock.now();
    producer.client().fail(kFails);
    while (producer.cluster.clients.size() == clients) producer.run();
    producer.run(50ms);
    return producer.clock.now() - start;
  };
  const auto first = recovery();
  EXPECT_GT(recovery(), first);
  producer.send(0);
  producer.client().deliver(0);
  producer.run();
  EXPECT_EQ(recovery(), first);
}

}  // namespace
}  // namespace conveyor::tests
