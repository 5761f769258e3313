// Every accepted send resolves exactly once, and the producer says what became of them.

#include "conveyor/producer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/v1/image.pb.h"
#include "support/broker.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

Image frame_of(std::int64_t number) {
  Image image;
  image.set_frame(number);
  return image;
}

TEST(ProducerFlush, ReportsWhatWasDeliveredSinceTheLast) {
  const auto channel = new_channel<Image>();
  Producer producer(new_config());
  for (int i = 0; i < 10; ++i) producer.send(channel, frame_of(i));
  const FlushReport first = producer.flush(20s);
  EXPECT_EQ(first.delivered, 10U);
  EXPECT_EQ(first.failed, 0U);
  EXPECT_EQ(first.left, 0U);
  producer.send(channel, frame_of(10));
  EXPECT_EQ(producer.flush(20s).delivered, 1U);
  EXPECT_EQ(producer.flush(20s).delivered, 0U);
}

TEST(ProducerFlush, DoesNotWaitForLinger) {
  const auto channel = new_channel<Image>();
  Config config = new_config();
  config.properties["linger.ms"] = "30000";
  Producer producer(config);
  producer.send(channel, frame_of(1));
  EXPECT_LT(time_of([&] { EXPECT_EQ(producer.flush(20s).delivered, 1U); }), 10s);
}

TEST(ProducerCallback, ComesExactlyOnceForEachAcceptedSend) {
  const auto channel = new_channel<Image>(4);
  constexpr int kThreads = 4;
  constexpr int kEach = 1'000;
  std::vector<std::atomic<int>> calls(kThreads * kEach);
  std::atomic<int> wrong{0};
  Producer producer(new_config());
  {
    std::vector<std::jthread> senders;
    for (int t = 0; t < kThreads; ++t) {
      senders.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const int number = t * kEach + i;
          producer.send(channel, frame_of(number), {}, [&, number](const Delivery& delivery) {
            ++calls[static_cast<std::size_t>(number)];
            if (delivery.error || delivery.offset < 0 || delivery.topic != channel.topic()) ++wrong;
          });
        }
      });
    }
  }
  EXPECT_EQ(producer.flush(30s).delivered, static_cast<std::uint64_t>(kThreads * kEach));
  for (const auto& count : calls) EXPECT_EQ(count, 1);
  EXPECT_EQ(wrong, 0);
}

TEST(ProducerCallback, TellsWhereTheRecordLies) {
  const auto channel = new_channel<Image>(2);
  Producer producer(new_config());
  std::vector<std::int64_t> offsets;
  for (int i = 0; i < 3; ++i) {
    producer.send(channel, frame_of(i), {.partition = 1}, [&](const Delivery& delivery) {
      EXPECT_EQ(delivery.partition, 1);
      offsets.push_back(delivery.offset);
    });
  }
  producer.flush(20s);
  EXPECT_EQ(offsets, (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(ProducerCallback, MaySend) {
  const auto channel = new_channel<Image>();
  Producer producer(new_config());
  producer.send(channel, frame_of(1), {}, [&](const Delivery&) { producer.send(channel, frame_of(2)); });
  EXPECT_EQ(read_raw(channel.topic(), 1, 2).size(), 2U);
}

TEST(ProducerCallback, MayThrow) {
  const auto channel = new_channel<Image>();
  Producer producer(new_config());
  for (int i = 0; i < 3; ++i) {
    producer.send(channel, frame_of(i), {}, [](const Delivery&) { throw std::runtime_error("a fault of the user's"); });
  }
  EXPECT_EQ(producer.flush(20s).delivered, 3U);
}

TEST(ProducerDestructor, DeliversWhatIsInFlight) {
  const auto channel = new_channel<Image>();
  std::atomic<int> delivered{0};
  {
    Config config = new_config();
    config.properties["linger.ms"] = "1000";
    Producer producer(config, {.close_timeout = 20s});
    for (int i = 0; i < 100; ++i) {
      producer.send(channel, frame_of(i), {}, [&](const Delivery& delivery) { delivered += delivery.error ? 0 : 1; });
    }
  }
  EXPECT_EQ(delivered, 100);
  EXPECT_EQ(read_raw(channel.topic(), 1, 100).size(), 100U);
}

TEST(ProducerCounters, AddUp) {
  const auto channel = new_channel<Image>();
  Config config = new_config();
  config.max_record_bytes = 2'000;
  Producer producer(config);
  Image compressible = frame_of(1);
  compressible.set_image_data(std::string(5'000, 'x'));
  producer.send(channel, compressible, {.key = "k"});
  producer.send(channel, frame_of(2));
  Image noise = frame_of(3);
  for (unsigned i = 0, x = 1; i < 5'000; ++i) {
    noise.mutable_image_data()->push_back(static_cast<char>((x = x * 1664525U + 1013904223U) >> 24));
  }
  EXPECT_EQ(producer.try_send(channel, noise), errc::message_too_large);
  producer.flush(20s);
  const ProducerCounters counters = producer.counters();
  EXPECT_EQ(counters.accepted, 2U);
  EXPECT_EQ(counters.delivered, 2U);
  EXPECT_EQ(counters.failed, 0U);
  EXPECT_EQ(counters.refused, 1U);
  EXPECT_EQ(counters.dropped, 0U);
  EXPECT_EQ(counters.in_flight, 0U);
  EXPECT_EQ(counters.in_flight_bytes, 0U);
  EXPECT_GT(counters.message_bytes, 5'000U);
  EXPECT_LT(counters.record_bytes, 2'000U);
}

TEST(ProducerErrors, APartitionThatTheTopicHasNotIsNamed) {
  const auto channel = new_channel<Image>(2);
  Producer producer(new_config(), {.delivery_timeout = 5s});
  // The first send may come before the client knows the topic: then its delivery fails, else the send itself.
  std::error_code code;
  try {
    producer.send(channel, frame_of(1), {.partition = 7}, [&](const Delivery& delivery) { code = delivery.error; });
    producer.flush(20s);
  } catch (const Error& error) {
    code = error.code();
  }
  EXPECT_EQ(code, errc::unknown_partition);
  const Thrown thrown = thrown_by([&] { producer.send(channel, frame_of(1), {.partition = 7}); });
  EXPECT_EQ(thrown.code, errc::unknown_partition);
  EXPECT_TRUE(contains(thrown.text, "fewer partitions"));
}

}  // namespace
}  // namespace conveyor::tests
