// A producer whose client fails while a slow broker has not answered, and one whose client fails by what a broker
// answers: librdkafka's mock cluster is both.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "conveyor/producer.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/mock_broker.h"
#include "support/running_worker.h"
#include "support/tested_producer.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

class SlowBroker : public MockBrokerTest {};

/// Answers of the broker take longer than a failed client waits for them.
ProducerCounters fail_before_the_answer(const Channel<Image>& channel, const ProducerOptions& options,
                                        Outcomes& outcomes) {
  TestedProducer producer(new_config(), options);
  const auto send = [&](std::size_t from, std::size_t to) {
    for (std::size_t id = from; id < to; ++id) {
      EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {.partition = 0}, outcomes.callback(id)));
    }
  };
  send(0, 100);
  EXPECT_EQ(producer.client().flush(20s).delivered, 100U);
  rd_kafka_mock_broker_set_rtt(MockBrokerTest::cluster(), -1, 3'000);
  send(100, 600);
  EXPECT_EQ(producer.client().flush(300ms).left, 500U) << "which sends them at once";
  EXPECT_TRUE(producer.fail());
  send(600, 700);
  EXPECT_TRUE(eventually([&] { return producer.counters().recoveries == 1; }));
  rd_kafka_mock_broker_set_rtt(MockBrokerTest::cluster(), -1, 0);
  EXPECT_EQ(producer.client().flush(60s).left, 0U);
  EXPECT_EQ(outcomes.not_once(), 0U);
  return producer.counters();
}

TEST_F(SlowBroker, SendsAgainWhatItHasNotAnsweredFor) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  Outcomes outcomes(700);
  const auto counters = fail_before_the_answer(channel, {}, outcomes);
  EXPECT_EQ(counters.failed, 0U);
  const Stored stored = read_all(channel, 1);
  EXPECT_EQ(stored.copies.size(), 700U);
  EXPECT_GT(stored.duplicates(), 0U) << "the broker had stored them";
  EXPECT_LE(stored.duplicates(), counters.possible_duplicates);
  EXPECT_TRUE(std::ranges::is_sorted(stored.by_partition[0]));
}

TEST_F(SlowBroker, OrSaysSoInstead) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  Outcomes outcomes(700);
  const auto counters = fail_before_the_answer(channel, {.resend = false}, outcomes);
  EXPECT_GT(counters.failed, 0U);
  EXPECT_EQ(outcomes.failed_with(errc::possibly_delivered), counters.failed);
  const Stored stored = read_all(channel, 1);
  EXPECT_EQ(stored.duplicates(), 0U);
  EXPECT_EQ(stored.copies.size(), 700U) << "the broker had stored them nevertheless";
}

// Nothing goes before it is flushed, and then all in one request: what waits behind five requests that are not answered
// was never sent, and comes back as such.
Config in_one_request(Config config) {
  config.properties["linger.ms"] = "60000";
  return config;
}

TEST_F(SlowBroker, AndAClientThatGivesNothingBackLoseNothing) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  for (const bool resend : {true, false}) {
    Outcomes outcomes(200);
    {
      // It is not even asked: as if all its threads hung.
      kafka::ProducerClient client(in_one_request(new_config()), {.resend = resend}, {.give_back_within = 0ms});
      for (std::size_t id = 0; id < 200; ++id) {
        if (id == 100) {
          EXPECT_EQ(client.flush(20s).delivered, 100U);
          rd_kafka_mock_broker_set_rtt(cluster(), -1, 3'000);
        }
        Image image;
        image.set_frame(static_cast<std::int64_t>(resend ? id : id + 200));
        const std::string bytes = image.SerializeAsString();
        auto send = kafka::ProducerRecord::make(channel.topic(), {}, bytes.size(), {}, outcomes.callback(id));
        std::ranges::copy(bytes, send->value());
        EXPECT_FALSE(client.submit(std::move(send), bytes.size()));
      }
      EXPECT_EQ(client.flush(300ms).left, 100U);
      EXPECT_TRUE(client.fail_client(kFatal));
      EXPECT_TRUE(eventually([&] { return client.counters().recoveries == 1; }));
      rd_kafka_mock_broker_set_rtt(cluster(), -1, 0);
      EXPECT_EQ(client.flush(60s).left, 0U);
      EXPECT_EQ(client.counters().possible_duplicates, resend ? 100U : 0U);
      EXPECT_EQ(client.counters().failed, resend ? 0U : 100U);
    }
    EXPECT_EQ(outcomes.not_once(), 0U);
    EXPECT_EQ(outcomes.failed_with(errc::possibly_delivered), resend ? 0U : 100U);
  }
  EXPECT_EQ(read_all(channel, 1).copies.size(), 400U);
}

TEST_F(SlowBroker, TellsWhatItMayHaveWhenTheProducerIsDestroyed) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  Outcomes outcomes(200);
  {
    TestedProducer producer(in_one_request(new_config()), {.close_timeout = 0ms});
    for (std::size_t id = 0; id < 200; ++id) {
      if (id == 100) {
        EXPECT_EQ(producer.client().flush(20s).delivered, 100U);
        rd_kafka_mock_broker_set_rtt(cluster(), -1, 3'000);
      }
      EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {}, outcomes.callback(id)));
    }
    EXPECT_EQ(producer.client().flush(300ms).left, 100U);
    EXPECT_TRUE(producer.fail());
  }
  EXPECT_EQ(outcomes.not_once(), 0U);
  EXPECT_EQ(outcomes.failed_with(errc::possibly_delivered), 100U);
}

TEST_F(SlowBroker, OrOneThatForgotTheProducerLosesNothing) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  constexpr std::size_t kRounds = 5;
  Outcomes outcomes(kRounds * 200);
  TestedProducer producer(new_config(), {});
  for (std::size_t round = 0; round < kRounds; ++round) {
    rd_kafka_mock_push_request_errors(cluster(), kProduceRequest, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    for (std::size_t id = round * 200; id < (round + 1) * 200; ++id) {
      EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {}, outcomes.callback(id)));
    }
    EXPECT_EQ(producer.client().flush(30s).delivered, 200U);
  }
  EXPECT_EQ(outcomes.not_once(), 0U);
  const ProducerCounters counters = producer.counters();
  EXPECT_EQ(counters.recoveries, kRounds) << "each of these errors ends a client";
  const Stored stored = read_all(channel, 1);
  EXPECT_EQ(stored.copies.size(), kRounds * 200);
  EXPECT_LE(stored.duplicates(), counters.possible_duplicates);
}

TEST_F(SlowBroker, OrOneThatForgotTheProducerDoesNotStopAWorker) {
  const auto in = new_channel<Image>(1, {.codec = Codec::kRaw});
  const auto out = new_channel<Image>(1, {.codec = Codec::kRaw});
  constexpr std::size_t kInputs = 600;
  const Config config = new_config();
  {
    Producer producer(config);
    for (std::size_t id = 0; id < kInputs; ++id) {
      Image image;
      image.set_frame(static_cast<std::int64_t>(id));
      producer.send(in, image);
    }
    ASSERT_EQ(producer.flush(20s).delivered, kInputs);
  }
  Worker worker(config, {.dead_letter = {.enabled = false}});
  std::atomic<std::size_t> handled{0};
  worker.transform(in, out, [&](const Message<Image>& message) {
    if (handled++ % 200 == 100) {
      rd_kafka_mock_push_request_errors(cluster(), kProduceRequest, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    }
    return message.value();
  });
  RunningWorker running(worker);
  EXPECT_TRUE(eventually([&] { return worker.counters().handled == kInputs; }, 40s));
  EXPECT_GE(worker.producer_counters().recoveries, 1U);
  const ProducerCounters counters = worker.producer_counters();
  EXPECT_EQ(running.stop().handled, kInputs);
  const Stored stored = read_all(out, 1);
  EXPECT_EQ(stored.copies.size(), kInputs);
  EXPECT_LE(stored.duplicates(), counters.possible_duplicates);
}

}  // namespace
}  // namespace conveyor::tests
