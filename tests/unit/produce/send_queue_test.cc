// The senders' side of a producer, with what its delivery thread does in between.

#include "produce/send_queue.h"

#include <gtest/gtest.h>

#include <vector>

#include "unit/produce/engine_under_test.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

TEST(SendQueue, HandsEachSendToTheClientAtOnce) {
  EngineUnderTest producer;
  producer.send_all(0, 3);
  EXPECT_EQ(producer.client().has(), (std::vector{0, 1, 2}));
  EXPECT_EQ(producer.counters().accepted, 3U);
}

TEST(SendQueue, RefusesANameThatIsNotLegalAndCountsNothing) {
  EngineUnderTest producer;
  const auto refusal = producer.engine.queue().submit(numbered_send(1, {}, {}, 4, "!"), 4, producer.clock.now());
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, errc::invalid_topic);
  EXPECT_EQ(producer.counters().accepted, 0U);
}

TEST(SendQueue, RefusesAtOnceWhatDoesNotFitWhenItShallFail) {
  EngineUnderTest producer({.when_full = WhenFull::kFail, .max_queued_messages = 2});
  producer.send_all(0, 2);
  EXPECT_EQ(producer.send(2), errc::queue_full);
  EXPECT_EQ(producer.clock.waits, 0);
  EXPECT_EQ(producer.times(2), 0U) << "what is refused is not resolved";
  EXPECT_EQ(producer.counters().in_flight, 2U);
}

TEST(SendQueue, RefusesAtOnceTooWhenItsCallerDrops) {
  EngineUnderTest producer({.when_full = WhenFull::kDrop, .max_queued_messages = 1});
  producer.send(0);
  EXPECT_EQ(producer.send(1), errc::queue_full);
  EXPECT_EQ(producer.clock.waits, 0);
}

TEST(SendQueue, CountsTheRefusedAndOfThemTheDropped) {
  EngineUnderTest producer;
  producer.engine.queue().count_refused(false);
  producer.engine.queue().count_refused(true);
  EXPECT_EQ(producer.counters().refused, 2U);
  EXPECT_EQ(producer.counters().dropped, 1U);
}

TEST(SendQueue, BlocksUntilThereIsRoom) {
  EngineUnderTest producer({.max_queued_messages = 1});
  producer.send(0);
  producer.clock.on_wait = [&] {
    if (producer.clock.waits == 3) producer.client().deliver(0);
    producer.engine.run_once();
  };
  EXPECT_EQ(producer.send(1), errc::ok);
  EXPECT_EQ(producer.clock.waits, 3);
  EXPECT_EQ(producer.client().has(), std::vector{1});
}

TEST(SendQueue, BlocksNoLongerThanItMay) {
  EngineUnderTest producer({.block_timeout = 200ms, .max_queued_messages = 1});
  producer.send(0);
  const auto start = producer.clock.now();
  EXPECT_EQ(producer.send(1), errc::queue_full);
  EXPECT_EQ(producer.clock.now() - start, 200ms);
}

TEST(SendQueue, DoesNotBlockTheThreadThatMakesRoom) {
  EngineUnderTest producer({.max_queued_messages = 1});
  producer.engine.begin();
  producer.send(0);
  EXPECT_EQ(producer.send(1), errc::queue_full);
  EXPECT_EQ(producer.clock.waits, 0);
}

TEST(SendQueue, WaitsForAClientWhoseOwnQueueIsFull) {
  EngineUnderTest producer;
  producer.client().answers = {RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__QUEUE_FULL};
  EXPECT_EQ(producer.send(0), errc::ok);
  EXPECT_EQ(producer.clock.waits, 2);
  EXPECT_EQ(producer.counters().accepted, 1U);
  EXPECT_EQ(producer.counters().in_flight, 1U);
}

TEST(SendQueue, WaitsForSuchAClientOnlySoLong) {
  EngineUnderTest producer({.block_timeout = 100ms});
  producer.client().refuse_all = RD_KAFKA_RESP_ERR__QUEUE_FULL;
  const auto start = producer.clock.now();
  EXPECT_EQ(producer.send(0), errc::queue_full);
  EXPECT_EQ(producer.clock.now() - start, 100ms);
  EXPECT_EQ(producer.counters().accepted, 0U);
}

TEST(SendQueue, DoesNotWaitForSuchAClientWhenItShallFail) {
  EngineUnderTest producer({.when_full = WhenFull::kFail});
  producer.client().refuse_all = RD_KAFKA_RESP_ERR__QUEUE_FULL;
  EXPECT_EQ(producer.send(0), errc::queue_full);
  EXPECT_EQ(producer.clock.waits, 0);
}

TEST(SendQueue, GivesTheClientsRefusalWithItsMeaning) {
  EngineUnderTest producer;
  producer.client().refuse_all = RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
  EXPECT_EQ(producer.send(0), errc::unknown_partition);
  EXPECT_EQ(producer.counters().accepted, 0U);
  EXPECT_EQ(producer.counters().in_flight, 0U);
  producer.run(1s);
  EXPECT_EQ(producer.times(0), 0U);
}

TEST(SendQueue, AcceptsWhatAClientRefusesBecauseItHasFailed) {
  EngineUnderTest producer;
  producer.client().fail(kFails);
  EXPECT_EQ(producer.send(0), errc::ok);
  EXPECT_TRUE(producer.client().has().empty());
  producer.run(200ms);
  EXPECT_EQ(producer.client().has(), std::vector{0}) << "the next client";
}

TEST(SendQueue, AFlushWaitsForWhatWasSentBeforeIt) {
  EngineUnderTest producer;
  producer.send_all(0, 2);
  producer.client().on_flush = [&] {
    producer.send(2 + producer.client().flushes);
    if (producer.client().flushes == 2) {
      producer.client().deliver(0);
      producer.client().deliver(1);
      producer.engine.run_once();
    }
  };
  const FlushReport report = producer.engine.queue().flush(10s);
  EXPECT_EQ(report.delivered, 2U);
  EXPECT_EQ(report.left, 2U) << "sent meanwhile";
  EXPECT_EQ(producer.client().flushes, 2);
}

TEST(SendQueue, AFlushThatHasNothingToWaitForAsksNothingOfTheClient) {
  EngineUnderTest producer;
  EXPECT_EQ(producer.engine.queue().flush(10s).left, 0U);
  EXPECT_EQ(producer.client().flushes, 0);
}

TEST(SendQueue, AFlushReturnsWhenItsTimeIsOver) {
  EngineUnderTest producer;
  producer.send(0);
  const auto start = producer.clock.now();
  const FlushReport report = producer.engine.queue().flush(100ms);
  EXPECT_EQ(report.left, 1U);
  EXPECT_EQ(report.delivered + report.failed, 0U);
  EXPECT_EQ(producer.clock.now() - start, 100ms);
}

TEST(SendQueue, AFlushReportsWhatWasResolvedSinceTheLastOne) {
  EngineUnderTest producer;
  producer.send_all(0, 3);
  producer.client().deliver(0);
  producer.client().refuse(1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  producer.run();
  const FlushReport first = producer.engine.queue().flush(0ms);
  EXPECT_EQ(first.delivered, 1U);
  EXPECT_EQ(first.failed, 1U);
  EXPECT_EQ(first.left, 1U);
  producer.client().deliver(2);
  producer.run();
  EXPECT_EQ(producer.engine.queue().flush(0ms).delivered, 1U);
}

TEST(SendQueue, AFlushDuringARecoveryWaitsForTheNextClient) {
  EngineUnderTest producer;
  producer.send(0);
  producer.client().fail(kFails);
  producer.run();
  producer.cluster.on_make = [](FakeProducerHandle& client) { client.on_flush = [&] { client.deliver_all(); }; };
  const FlushReport report = producer.engine.queue().flush(10s);
  EXPECT_EQ(report.delivered, 1U);
  EXPECT_EQ(report.left, 0U);
}

}  // namespace
}  // namespace conveyor::tests
