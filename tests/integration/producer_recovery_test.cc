// A producer whose Kafka client fails for good, again and again: every accepted send resolves exactly once, nothing
// that was delivered is missing, and nothing is doubled but what was on its way.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/tested_producer.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

constexpr int kPartitions = 4;
constexpr int kThreads = 4;
constexpr int kEach = 5'000;
constexpr int kSends = kThreads * kEach;
constexpr int kFailures = 4;

/// 20,000 sends of four threads, while the client fails four times. Each thread's sends go to one partition by their
/// key, or, every tenth, to any. @return what the producer counted
ProducerCounters send_through_failures(const Channel<Image>& channel, const ProducerOptions& options,
                                       Outcomes& outcomes) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  std::array<int, kFailures> after{};
  for (int& sends : after) sends = 1 + static_cast<int>(random() % (kSends - 1));
  std::ranges::sort(after);

  Config config = new_config();
  const auto observer = std::make_shared<CollectingObserver>();
  config.observer = observer;
  TestedProducer producer(config, options);
  std::atomic<int> sent{0};
  std::atomic<int> refused{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const std::string key = "thread " + std::to_string(t);
        for (int i = 0; i < kEach; ++i, ++sent) {
          const int id = t * kEach + i;
          const SendOptions to = i % 10 == 9 ? SendOptions{} : SendOptions{.key = key};
          if (producer.try_send(channel, id, to, outcomes.callback(static_cast<std::size_t>(id)))) ++refused;
        }
      });
    }
    threads.emplace_back([&] {
      std::uint64_t failures = 0;
      for (const int sends : after) {
        EXPECT_TRUE(eventually([&] { return sent >= sends; }));
        EXPECT_TRUE(eventually([&] { return producer.counters().recoveries == failures; }));
        EXPECT_TRUE(producer.fail());
        ++failures;
      }
    });
  }
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(producer.client().flush(60s).left, 0U);
  EXPECT_TRUE(eventually([&] { return producer.counters().recoveries == kFailures; }));
  EXPECT_EQ(observer->events(Event::Kind::kRecovered).size(), static_cast<std::size_t>(kFailures));
  const ProducerCounters counters = producer.counters();
  EXPECT_EQ(counters.accepted, static_cast<std::uint64_t>(kSends));
  EXPECT_EQ(counters.delivered + counters.failed, counters.accepted);
  EXPECT_EQ(counters.in_flight, 0U);
  EXPECT_EQ(counters.in_flight_bytes, 0U);
  EXPECT_EQ(counters.failed, outcomes.failed());
  EXPECT_EQ(outcomes.not_once(), 0U);
  return counters;
}

/// Sends with a key, in the order in which their thread sent them.
void expect_order(const Stored& stored) {
  for (const auto& ids : stored.by_partition) {
    std::array<std::int64_t, kThreads> last{};
    last.fill(-1);
    int wrong = 0;
    for (const std::int64_t id : ids) {
      if (id % kEach % 10 == 9) continue;
      auto& before = last[static_cast<std::size_t>(id / kEach)];
      wrong += id < before ? 1 : 0;
      before = id;
    }
    EXPECT_EQ(wrong, 0);
  }
}

TEST(ProducerRecovery, LosesNothingWhileTheClientFailsAgainAndAgain) {
  const auto channel = new_channel<Image>(kPartitions, {.codec = Codec::kRaw});
  Outcomes outcomes(kSends);
  const auto counters = send_through_failures(channel, {}, outcomes);
  EXPECT_EQ(counters.failed, 0U);
  const Stored stored = read_all(channel, kPartitions);
  EXPECT_EQ(stored.copies.size(), static_cast<std::size_t>(kSends)) << "each is on the broker";
  EXPECT_LE(stored.duplicates(), counters.possible_duplicates);
  expect_order(stored);
  std::printf("%zu duplicates, %llu possible\n", stored.duplicates(),
              static_cast<unsigned long long>(counters.possible_duplicates));
}

TEST(ProducerRecovery, DoublesNothingWhenItShallNotResend) {
  const auto channel = new_channel<Image>(kPartitions, {.codec = Codec::kRaw});
  Outcomes outcomes(kSends);
  const auto counters = send_through_failures(channel, {.resend = false}, outcomes);
  EXPECT_EQ(counters.possible_duplicates, 0U);
  EXPECT_EQ(outcomes.failed_with(errc::possibly_delivered), outcomes.failed()) << "no other failure";
  const Stored stored = read_all(channel, kPartitions);
  EXPECT_EQ(stored.duplicates(), 0U);
  int missing = 0;
  for (std::size_t id = 0; id < kSends; ++id) {
    const bool there = stored.copies.contains(static_cast<std::int64_t>(id));
    if (outcomes.code(id) == errc::ok && !there) ++missing;
  }
  EXPECT_EQ(missing, 0);
  expect_order(stored);
  std::printf("%zu possibly delivered, %zu of them stored\n", outcomes.failed(),
              stored.copies.size() - (kSends - outcomes.failed()));
}

TEST(ProducerRecovery, IsWaitedForByFlush) {
  const auto channel = new_channel<Image>(kPartitions, {.codec = Codec::kRaw});
  Config config = new_config();
  config.properties["linger.ms"] = "300";
  TestedProducer producer(config, {});
  Outcomes outcomes(300);
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 100; ++i) {
      const std::size_t id = static_cast<std::size_t>(round) * 100 + i;
      EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {}, outcomes.callback(id)));
    }
    std::jthread failing([&] { EXPECT_TRUE(producer.fail()); });
    const FlushReport report = producer.client().flush(30s);
    EXPECT_EQ(report.delivered, 100U);
    EXPECT_EQ(report.left, 0U);
    failing.join();
    EXPECT_TRUE(eventually([&] { return producer.counters().recoveries == static_cast<std::uint64_t>(round) + 1; }));
  }
  EXPECT_EQ(outcomes.not_once(), 0U);
  EXPECT_EQ(read_all(channel, kPartitions).copies.size(), 300U);
}

TEST(ProducerRecovery, IsWaitedForByTheDestructor) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  Outcomes outcomes(500);
  {
    Config config = new_config();
    config.properties["linger.ms"] = "300";
    TestedProducer producer(config, {.close_timeout = 20s});
    for (std::size_t id = 0; id < 500; ++id) {
      EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {}, outcomes.callback(id)));
    }
    EXPECT_TRUE(producer.fail());
  }
  EXPECT_EQ(outcomes.not_once(), 0U);
  EXPECT_EQ(outcomes.failed(), 0U);
  EXPECT_EQ(read_all(channel, 1).copies.size(), 500U);
}

TEST(ProducerRecovery, DoesNotHoldADestructorThatHasNoTime) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  for (int round = 0; round < 10; ++round) {
    Outcomes outcomes(500);
    std::optional<TestedProducer> producer(std::in_place, new_config(),
                                           ProducerOptions{.close_timeout = std::chrono::milliseconds(round * 20)});
    for (std::size_t id = 0; id < 500; ++id) {
      EXPECT_FALSE(producer->try_send(channel, static_cast<std::int64_t>(id), {}, outcomes.callback(id)));
    }
    EXPECT_TRUE(producer->fail());
    EXPECT_LT(time_of([&] { producer.reset(); }), 10s);
    EXPECT_EQ(outcomes.not_once(), 0U);
    EXPECT_EQ(outcomes.failed_with(errc::stopped) + outcomes.failed_with(errc::possibly_delivered), outcomes.failed());
  }
}

TEST(ProducerRecovery, SendsFromCallbacksAndRightAfterAFailureArrive) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  TestedProducer producer(new_config(), {});
  Outcomes outcomes(200);
  EXPECT_TRUE(producer.fail());
  for (std::size_t id = 0; id < 100; ++id) {
    EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {}, [&, id](const Delivery& delivery) {
      outcomes.callback(id)(delivery);
      if (id % 20 == 0) producer.fail();
      EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id) + 100, {}, outcomes.callback(id + 100)));
    }));
  }
  EXPECT_TRUE(eventually([&] { return outcomes.not_once() == 0; }));
  EXPECT_EQ(outcomes.failed(), 0U);
  EXPECT_EQ(read_all(channel, 1).copies.size(), 200U);
}

TEST(ProducerRecovery, EndsThoughItsSendersNeverRest) {
  const auto channel = new_channel<Image>(kPartitions, {.codec = Codec::kRaw});
  TestedProducer producer(new_config(), {.block_timeout = 20s, .max_queued_messages = 1'000});
  std::atomic<int> sent{0};
  std::atomic<int> resolved{0};
  std::atomic<int> wrong{0};
  std::atomic<bool> end{false};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t) {
      threads.emplace_back([&] {
        while (!end) {
          const auto code = producer.try_send(channel, ++sent, {}, [&](const Delivery& delivery) {
            ++resolved;
            if (delivery.error) ++wrong;
          });
          if (code) ++wrong;
        }
      });
    }
    for (std::uint64_t failures = 0; failures < 3; ++failures) {
      EXPECT_TRUE(producer.fail());
      EXPECT_TRUE(eventually([&] { return producer.counters().recoveries == failures + 1; }));
    }
    end = true;
  }
  EXPECT_EQ(producer.client().flush(60s).left, 0U);
  EXPECT_EQ(resolved, sent);
  EXPECT_EQ(wrong, 0);
}

TEST(ProducerRecovery, GivesTheWorkerWhatItHadBefore) {
  const auto channel = new_channel<Image>(2, {.codec = Codec::kRaw});
  const std::string topic(channel.topic());
  TestedProducer producer(new_config(), {});
  kafka::ProducerClient& client = producer.client();
  client.require_topic(topic, "a test's", 20s, {});
  ASSERT_TRUE(producer.fail());
  ASSERT_TRUE(eventually([&] { return producer.counters().recoveries == 1; }));
  EXPECT_TRUE(client.partition_exists(topic, 1));
  EXPECT_FALSE(client.partition_exists(topic, 2));
  client.wait_until_connected(20s);
  client.require_topic(topic, "a test's", 20s, {});
  Delivery seen;
  auto send = kafka::ProducerRecord::make(channel.topic(), {.partition = 1}, 0, {},
                                          [&](const Delivery& delivery) { seen = delivery; });
  send->make_tombstone();
  const std::size_t bytes = send->key_and_value_bytes();
  EXPECT_FALSE(client.submit(std::move(send), bytes));
  EXPECT_EQ(client.flush(20s).delivered, 1U);
  EXPECT_EQ(seen.partition, 1);
  EXPECT_EQ(seen.offset, 0);
}

TEST(ProducerRecovery, IsNotTriedWhereNoClientWouldFareBetter) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  Config config = new_config();
  config.properties["linger.ms"] = "1000";
  TestedProducer producer(config, {});
  Outcomes outcomes(100);
  for (std::size_t id = 0; id < 100; ++id) {
    EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {}, outcomes.callback(id)));
  }
  EXPECT_TRUE(producer.client().fail_client(RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED));
  EXPECT_TRUE(eventually([&] { return outcomes.not_once() == 0; }));
  EXPECT_EQ(producer.try_send(channel, 1), errc::fatal);
  EXPECT_EQ(producer.counters().recoveries, 0U);
  EXPECT_GT(outcomes.failed_with(errc::fatal), 0U);
}

/// An address where nobody answers.
Config nowhere() {
  Config config = new_config();
  config.bootstrap_servers = "127.0.0.1:1";
  config.observer = std::make_shared<CollectingObserver>();
  return config;
}

TEST(ProducerRecovery, KeepsTheDeliveryTimeout) {
  const auto channel = Channel<Image>::named("nowhere", {.codec = Codec::kRaw});
  constexpr auto kTimeout = 2s;
  TestedProducer producer(nowhere(), {.delivery_timeout = kTimeout});
  Outcomes outcomes(100);
  const auto start = Clock::now();
  for (std::size_t id = 0; id < 100; ++id) {
    EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {}, outcomes.callback(id)));
  }
  // Each client counts from the beginning: without a clock of our own the sends would never end.
  EXPECT_TRUE(eventually([&] {
    producer.fail();
    return outcomes.not_once() == 0;
  }));
  const auto took = Clock::now() - start;
  EXPECT_GE(took, kTimeout);
  EXPECT_LT(took, kTimeout + 4s);
  EXPECT_EQ(outcomes.failed_with(errc::timed_out) + outcomes.failed_with(errc::possibly_delivered), 100U);
  EXPECT_TRUE(eventually([&] { return producer.counters().recoveries >= 1; })) << "which may take longer";
}

TEST(ProducerRecovery, KeepsTheDeliveryTimeoutThoughTheNextClientCountsFromItsBeginning) {
  const auto channel = Channel<Image>::named("nowhere", {.codec = Codec::kRaw});
  constexpr auto kTimeout = 3s;
  Outcomes outcomes(101);
  TestedProducer producer(
      nowhere(),
      {.when_full = WhenFull::kFail, .max_queued_messages = 100, .delivery_timeout = kTimeout, .close_timeout = 0ms});
  const auto start = Clock::now();
  for (std::size_t id = 0; id < 100; ++id) {
    EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {}, outcomes.callback(id)));
  }
  EXPECT_TRUE(eventually([&] { return Clock::now() >= start + kTimeout - 1s; }));
  EXPECT_TRUE(producer.fail());
  EXPECT_TRUE(eventually([&] { return outcomes.not_once() == 1; }));
  EXPECT_LT(Clock::now() - start, kTimeout + 1s) << "the next client's own timeout comes two seconds later";
  EXPECT_EQ(outcomes.failed_with(errc::possibly_delivered), 100U);
  EXPECT_TRUE(eventually([&] { return producer.counters().in_flight == 0; }));
  EXPECT_EQ(producer.counters().failed, 100U);
  // The client still has them, so that they count for the queue's bounds until it has reported.
  EXPECT_TRUE(eventually([&] { return !producer.try_send(channel, 100, {}, outcomes.callback(100)); }));
}

TEST(ProducerRecovery, KeepsTheQueuesBoundsAndPolicies) {
  const auto channel = Channel<Image>::named("nowhere", {.codec = Codec::kRaw});
  for (const WhenFull policy : {WhenFull::kBlock, WhenFull::kFail, WhenFull::kDrop}) {
    Outcomes outcomes(10);
    std::optional<TestedProducer> producer(
        std::in_place, nowhere(),
        ProducerOptions{.when_full = policy, .block_timeout = 200ms, .max_queued_messages = 10, .close_timeout = 0ms});
    for (std::size_t id = 0; id < 5; ++id) {
      EXPECT_FALSE(producer->try_send(channel, static_cast<std::int64_t>(id), {}, outcomes.callback(id)));
    }
    for (int failures = 0; failures < 2; ++failures) {
      EXPECT_TRUE(eventually([&] { return producer->fail(); }));
      for (std::size_t id = 5; failures == 0 && id < 10; ++id) {
        EXPECT_FALSE(producer->try_send(channel, static_cast<std::int64_t>(id), {}, outcomes.callback(id)));
      }
      std::error_code code;
      const auto took = time_of([&] { code = producer->try_send(channel, 10); });
      EXPECT_EQ(code, policy == WhenFull::kDrop ? std::error_code() : std::error_code(errc::queue_full));
      if (policy == WhenFull::kBlock) {
        EXPECT_GE(took, 200ms);
      }
      EXPECT_EQ(producer->counters().in_flight, 10U);
    }
    EXPECT_EQ(producer->counters().dropped, policy == WhenFull::kDrop ? 2U : 0U);
    producer.reset();
    EXPECT_EQ(outcomes.not_once(), 0U);
  }
}

}  // namespace
}  // namespace conveyor::tests
