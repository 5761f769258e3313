// A producer whose broker is away for a minute, or frozen while the producer's client fails.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/broker.h"
#include "support/kafka_cluster/kafka_cluster.h"
#include "support/tested_producer.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

std::unique_ptr<KafkaCluster> kafka;

}  // namespace

std::string bootstrap_servers() { return kafka->bootstrap_servers(); }

Config config_of_group(std::string_view group) {
  Config config;
  config.bootstrap_servers = bootstrap_servers();
  config.group = group;
  config.properties = {{"reconnect.backoff.ms", "20"}, {"reconnect.backoff.max.ms", "500"}};
  config.observer = std::make_shared<Observer>();  // keeps nothing: memory is measured here
  return config;
}

void create_topic(const std::string& topic, int partitions, const std::map<std::string, std::string>& configs) {
  kafka->create_topic(topic, partitions, configs);
}

namespace {

using namespace std::chrono_literals;
using v1::Image;

constexpr auto kAway = 60s;
constexpr std::size_t kQueueBytes = std::size_t{8} << 20;
constexpr std::size_t kRecordBytes = 1'000;
constexpr std::size_t kMost = 200'000;  // sends of one producer
// Beside its keys and values a queued send of 1 kB takes about half as much again, in our registry and in the client;
// the rest is what the client needs to connect and to send, and what the allocator keeps.
constexpr std::size_t kMemoryOfOne = 2 * kQueueBytes + (std::size_t{8} << 20);

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

class ProducerOutage : public ::testing::Test {
 protected:
  ProducerOutage() { kafka = std::make_unique<KafkaCluster>(); }
  ~ProducerOutage() override { kafka.reset(); }
};

/// One producer that a thread sends through for as long as the test lasts.
struct Service {
  explicit Service(WhenFull when_full)
      : policy(when_full),
        channel(new_channel<Image>(2, {.codec = Codec::kRaw})),
        producer(new_config(), {.when_full = when_full,
                                .block_timeout = when_full == WhenFull::kBlock ? 500ms : 5s,
                                .max_queued_bytes = kQueueBytes,
                                .delivery_timeout = 3min}),
        outcomes(kMost) {}

  void send_one() {
    const auto start = Clock::now();
    const auto code =
        producer.try_send(channel, static_cast<std::int64_t>(sent), {.partition = static_cast<int>(sent % 2)},
                          outcomes.callback(sent), kRecordBytes);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    ++sent;
    most_bytes = std::max<std::size_t>(most_bytes, producer.counters().in_flight_bytes);
    if (code) {
      ++full;
      other += code == errc::queue_full ? 0 : 1;
      shortest_wait = std::min(shortest_wait, took);
      max_backoff = std::max(max_backoff, took);
    }
  }

  const WhenFull policy;
  const Channel<Image> channel;
  TestedProducer producer;
  Outcomes outcomes;
  std::atomic<std::size_t> sent{0};
  std::size_t full = 0;
  std::size_t other = 0;
  std::size_t most_bytes = 0;
  std::chrono::milliseconds shortest_wait{1h};
  std::chrono::milliseconds max_backoff{0};
};

TEST_F(ProducerOutage, OfAMinuteLosesNothingAndStaysWithinItsMemory) {
  std::vector<std::unique_ptr<Service>> services;
  for (const WhenFull policy : {WhenFull::kBlock, WhenFull::kFail, WhenFull::kDrop}) {
    services.push_back(std::make_unique<Service>(policy));
  }
  std::atomic<bool> end{false};
  std::vector<std::jthread> threads;
  for (const auto& service : services) {
    threads.emplace_back([&end, one = service.get()] {
      while (!end && one->sent < kMost) {
        one->send_one();
        std::this_thread::sleep_for(1ms);  // the pace of a service
      }
    });
  }
  EXPECT_TRUE(eventually([&] {
    return std::ranges::all_of(services, [](const auto& one) { return one->producer.counters().delivered >= 500; });
  }));
  const std::size_t before = resident_bytes();
  kafka->kill(0);
  const auto killed = Clock::now();
  std::size_t most = 0;
  std::size_t halfway = 0;
  while (Clock::now() < killed + kAway) {
    const std::size_t now = resident_bytes();
    most = std::max(most, now);
    if (Clock::now() < killed + kAway / 2) halfway = std::max(halfway, now);
    std::this_thread::sleep_for(50ms);
  }
  const std::size_t away = most;
  std::vector<ProducerCounters> then;
  for (const auto& one : services) then.push_back(one->producer.counters());
  kafka->restart(0);
  EXPECT_TRUE(eventually(
      [&] {
        most = std::max(most, resident_bytes());
        for (std::size_t i = 0; i < services.size(); ++i) {
          if (services[i]->producer.counters().delivered < then[i].accepted + 500) return false;
        }
        return true;
      },
      60s))
      << "what was accepted is delivered, and so is what is sent since";
  end = true;
  threads.clear();

  for (const auto& one : services) {
    SCOPED_TRACE(testing::Message() << "policy " << static_cast<int>(one->policy));
    EXPECT_EQ(one->producer.client().flush(60s).left, 0U);
    const ProducerCounters counters = one->producer.counters();
    EXPECT_EQ(counters.failed, 0U);
    EXPECT_EQ(counters.delivered, counters.accepted);
    std::size_t accepted = 0;
    int more_than_once = 0;
    for (std::size_t id = 0; id < one->sent; ++id) {
      accepted += one->outcomes.calls(id) > 0 ? 1 : 0;
      more_than_once += one->outcomes.calls(id) > 1 ? 1 : 0;
    }
    EXPECT_EQ(accepted, counters.accepted);
    EXPECT_EQ(more_than_once, 0);
    EXPECT_LE(one->most_bytes, kQueueBytes);

    EXPECT_EQ(one->other, 0U);
    EXPECT_EQ(one->full, counters.refused - counters.dropped);
    if (one->policy == WhenFull::kBlock) {
      EXPECT_GT(one->full, 0U);
      EXPECT_GE(one->shortest_wait, 499ms) << "block_timeout, to the millisecond below";
      EXPECT_LT(one->max_backoff, 5s);
    } else if (one->policy == WhenFull::kFail) {
      EXPECT_GT(one->full, 0U);
      EXPECT_LT(one->max_backoff, 5s) << "block_timeout: it waits for nothing";
    } else {
      EXPECT_EQ(one->full, 0U);
      EXPECT_GT(counters.dropped, 0U);
    }

    const Stored stored = read_all(one->channel, 2);
    EXPECT_EQ(stored.copies.size(), counters.accepted);
    EXPECT_EQ(stored.duplicates(), 0U);
    std::size_t missing = 0;
    for (std::size_t id = 0; id < one->sent; ++id) {
      if (one->outcomes.calls(id) == 1 && !stored.copies.contains(static_cast<std::int64_t>(id))) ++missing;
    }
    EXPECT_EQ(missing, 0U);
    for (const auto& ids : stored.by_partition) EXPECT_TRUE(std::ranges::is_sorted(ids));
    std::printf("policy %d: %zu sent, %llu accepted, %zu refused, %llu dropped\n", static_cast<int>(one->policy),
                one->sent.load(), static_cast<unsigned long long>(counters.accepted), one->full,
                static_cast<unsigned long long>(counters.dropped));
  }
  EXPECT_LT(most - before, services.size() * kMemoryOfOne);
  EXPECT_LT(away, halfway + (std::size_t{8} << 20)) << "full queues take no more";
  std::printf("resident: %zu MiB before, at most %zu in the first half, %zu while away, %zu in all\n", before >> 20,
              halfway >> 20, away >> 20, most >> 20);
}

/// A thousand sends are on their way to a broker that is frozen when the client fails, and answers only later.
ProducerCounters fail_while_frozen(const Channel<Image>& channel, const ProducerOptions& options, Outcomes& outcomes) {
  TestedProducer producer(new_config(), options);
  const auto send = [&](std::size_t from, std::size_t to) {
    for (std::size_t id = from; id < to; ++id) {
      EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {.partition = 0}, outcomes.callback(id)));
    }
  };
  send(0, 100);
  EXPECT_EQ(producer.client().flush(20s).delivered, 100U);
  kafka->pause(0);
  send(100, 600);
  EXPECT_EQ(producer.client().flush(300ms).left, 500U) << "which sends them at once";
  send(600, 1'100);
  EXPECT_TRUE(producer.fail());
  send(1'100, 1'200);
  EXPECT_TRUE(eventually([&] { return producer.counters().recoveries == 1; }));
  kafka->resume(0);
  EXPECT_EQ(producer.client().flush(30s).left, 0U);
  EXPECT_EQ(outcomes.not_once(), 0U);
  return producer.counters();
}

TEST_F(ProducerOutage, OfAFrozenBrokerDoublesAtMostWhatWasOnItsWay) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  Outcomes outcomes(1'200);
  const auto counters = fail_while_frozen(channel, {}, outcomes);
  EXPECT_EQ(counters.failed, 0U);
  const Stored stored = read_all(channel, 1);
  EXPECT_EQ(stored.copies.size(), 1'200U);
  EXPECT_GT(counters.possible_duplicates, 0U);
  EXPECT_LE(stored.duplicates(), counters.possible_duplicates);
  EXPECT_TRUE(std::ranges::is_sorted(stored.by_partition[0]));
  std::printf("%zu duplicates, %llu possible\n", stored.duplicates(),
              static_cast<unsigned long long>(counters.possible_duplicates));
}

TEST_F(ProducerOutage, OfAFrozenBrokerDoublesNothingWithoutResend) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  Outcomes outcomes(1'200);
  const auto counters = fail_while_frozen(channel, {.resend = false}, outcomes);
  EXPECT_GT(counters.failed, 0U);
  EXPECT_EQ(outcomes.failed_with(errc::possibly_delivered), counters.failed);
  const Stored stored = read_all(channel, 1);
  EXPECT_EQ(stored.duplicates(), 0U);
  std::size_t missing = 0;
  for (std::size_t id = 0; id < 1'200; ++id) {
    if (outcomes.code(id) == errc::ok && !stored.copies.contains(static_cast<std::int64_t>(id))) ++missing;
  }
  EXPECT_EQ(missing, 0U);
}

TEST_F(ProducerOutage, AndAClientThatFailsMeanwhileLoseNothing) {
  const auto channel = new_channel<Image>(2, {.codec = Codec::kRaw});
  constexpr std::size_t kSends = 3'000;
  Outcomes outcomes(kSends);
  TestedProducer producer(new_config(), {});
  std::jthread sending([&] {
    for (std::size_t id = 0; id < kSends; ++id) {
      EXPECT_FALSE(producer.try_send(channel, static_cast<std::int64_t>(id), {.partition = static_cast<int>(id % 2)},
                                     outcomes.callback(id)));
      std::this_thread::sleep_for(1ms);  // the pace of a service
    }
  });
  EXPECT_TRUE(eventually([&] { return producer.counters().delivered >= 200; }));
  kafka->kill(0);
  for (std::uint64_t failures = 0; failures < 3; ++failures) {
    EXPECT_TRUE(producer.fail());
    EXPECT_TRUE(eventually([&] { return producer.counters().recoveries == failures + 1; }));
  }
  kafka->restart(0);
  sending.join();
  EXPECT_EQ(producer.client().flush(60s).left, 0U);
  EXPECT_EQ(outcomes.not_once(), 0U);
  EXPECT_EQ(outcomes.failed(), 0U);
  const Stored stored = read_all(channel, 2);
  EXPECT_EQ(stored.copies.size(), kSends);
  EXPECT_LE(stored.duplicates(), producer.counters().possible_duplicates);
  for (const auto& ids : stored.by_partition) EXPECT_TRUE(std::ranges::is_sorted(ids));
}

}  // namespace
}  // namespace conveyor::tests
