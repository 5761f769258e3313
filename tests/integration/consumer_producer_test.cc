// A loop over a consumer that sends: what is committed, and what comes again when a send fails.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/broker.h"
#include "support/errors.h"
#include "support/group_protocol.h"
#include "support/kafka_cluster/child_process.h"
#include "support/kafka_cluster/temporary_folder.h"
#include "support/raw_kafka.h"
#include "support/service_command.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

std::vector<RawRecord> frames(int first, int last) {
  std::vector<RawRecord> records;
  for (int i = first; i <= last; ++i) {
    Image image;
    image.set_frame(i);
    records.push_back({.value = zlib_compress(image.SerializeAsString())});
  }
  return records;
}

std::int64_t frame_of(const RawRecord& record) {
  Prediction prediction;
  EXPECT_TRUE(prediction.ParseFromString(zlib_uncompress(record.value.value_or(""))));
  return prediction.frame();
}

/// Consumer settings, and those of a producer that keeps what it is given for a while.
struct Settings {
  explicit Settings(std::chrono::milliseconds linger = 0ms) {
    lingering.properties["linger.ms"] = std::to_string(linger.count());
  }
  Config config = new_config();
  Config lingering = config;
};

void send(Producer& producer, const Channel<Prediction>& channel, std::int64_t frame, std::int32_t partition = -1) {
  Prediction prediction;
  prediction.set_frame(frame);
  producer.send(channel, prediction, {.partition = partition});
}

/// A send that is accepted, because the producer has not heard of the topic, and then not delivered.
/// @return the topic
std::string send_undeliverable(Producer& producer) {
  constexpr std::int32_t kNoSuchPartition = 99;
  while (true) {
    const auto channel = new_channel<Prediction>();
    try {
      send(producer, channel, 0, kNoSuchPartition);
      return std::string(channel.topic());
    } catch (const Error& error) {
      // It heard of the topic between asking for it and sending: with another one it may not.
      if (error.code() != errc::unknown_partition) throw;
    }
  }
}

TEST(ConsumerWithProducer, CommitsOnlyWhatIsAcknowledged) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const Settings settings(1'500ms);
  write_raw(input.topic(), frames(1, 3));
  Producer producer(settings.lingering);
  Consumer consumer(settings.config, input, {.commit_interval = 5ms, .producer = &producer});
  for (int i = 0; i < 3; ++i) {
    const auto* message = consumer.next(20s);
    ASSERT_NE(message, nullptr);
    send(producer, output, message->value().frame());
  }
  consumer.done();
  const CommittedOffset committed_of_input(settings.config.group, input.topic(), 0);
  bool none_yet = false;
  ASSERT_TRUE(eventually([&] {
    const auto committed = committed_of_input.read();
    const auto delivered = static_cast<std::int64_t>(producer.counters().delivered);
    EXPECT_LE(committed, delivered);
    none_yet = none_yet || delivered == 0;
    return committed == 3;
  }));
  EXPECT_TRUE(none_yet) << "the machine was too slow for the test to see anything";
}

TEST(ConsumerWithProducer, DoesNotWaitForEachMessage) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const Settings settings(200ms);
  write_raw(input.topic(), frames(0, 299));
  Producer producer(settings.lingering);
  Consumer consumer(settings.config, input, {.producer = &producer});
  ASSERT_NE(consumer.next(20s), nullptr);
  const auto took = time_of([&] {
    for (int i = 1; i < 300; ++i) {
      const auto* message = consumer.next(20s);
      ASSERT_NE(message, nullptr);
      send(producer, output, message->value().frame());
    }
  });
  EXPECT_LT(took, 20s);  // each waited for: a minute
  consumer.done();
  consumer.close();
  EXPECT_EQ(committed_offset(settings.config.group, input.topic(), 0), 300);
}

TEST(ConsumerWithProducer, AFailedSendMakesTheLoopThrowAndItsMessageComesAgain) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const Settings settings;
  write_raw(input.topic(), frames(1, 5));
  Producer producer(settings.config);
  Consumer consumer(settings.config, input, {.commit_interval = 5ms, .producer = &producer});
  std::vector<std::int64_t> seen;
  std::string broken;
  const auto thrown = thrown_by([&] {
    for (const auto& message : consumer) {
      const auto frame = message.value().frame();
      seen.push_back(frame);
      send(producer, output, frame);
      if (frame == 2) producer.flush(20s);  // so that it is known what is acknowledged
      if (frame == 3) broken = send_undeliverable(producer);
    }
  });
  EXPECT_EQ(thrown.code, errc::unknown_partition);
  EXPECT_TRUE(contains(thrown.text, broken));
  ASSERT_GE(seen.size(), 3U);
  EXPECT_EQ((*consumer.begin()).value().frame(), 3);
  const CommittedOffset committed(settings.config.group, input.topic(), 0);
  EXPECT_TRUE(eventually([&] { return committed.read() == 2; }));

  std::vector<std::int64_t> again;
  for (const auto& message : consumer) {
    again.push_back(message.value().frame());
    send(producer, output, again.back());
    if (again.back() == 5) break;
  }
  EXPECT_EQ(again, (std::vector<std::int64_t>{3, 4, 5}));
  consumer.done();
  consumer.close();
  EXPECT_EQ(committed_offset(settings.config.group, input.topic(), 0), 5);
}

TEST(ConsumerWithProducer, AfterAFailedSendTheGroupsNextConsumerGetsItsMessage) {
  const auto input = new_channel<Image>();
  const Settings settings;
  write_raw(input.topic(), frames(1, 3));
  Producer producer(settings.config);
  {
    Consumer consumer(settings.config, input, {.producer = &producer});
    ASSERT_NE(consumer.next(20s), nullptr);
    ASSERT_NE(consumer.next(20s), nullptr);
    send_undeliverable(producer);
    try {
      static_cast<void>(consumer.next(20s));
      consumer.done();
    } catch (const Error&) {  // the failure may be known by now: as the consumer goes, or here already
    }
  }
  EXPECT_EQ(committed_offset(settings.config.group, input.topic(), 0), 1);
  Consumer consumer(settings.config, input);
  EXPECT_EQ((*consumer.begin()).value().frame(), 2);
}

TEST(ConsumerWithProducer, ASecondFailureIsThrownToo) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const Settings settings;
  write_raw(input.topic(), frames(1, 2));
  Producer producer(settings.config);
  Consumer consumer(settings.config, input, {.producer = &producer});
  for (int failures = 0; failures < 3; ++failures) {
    std::string broken;
    const auto thrown = thrown_by([&] {
      for (const auto& message : consumer) {
        if (message.value().frame() == 2) broken = send_undeliverable(producer);
      }
    });
    EXPECT_TRUE(contains(thrown.text, broken));
  }
  EXPECT_EQ((*consumer.begin()).value().frame(), 2);
  send(producer, output, 2);
  consumer.done();
  consumer.close();
  EXPECT_EQ(committed_offset(settings.config.group, input.topic(), 0), 2);
}

TEST(ConsumerWithProducer, AnExceptionOfTheLoopsOwnLeavesTheMessageUnfinished) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const Settings settings;
  write_raw(input.topic(), frames(1, 3));
  Producer producer(settings.config);
  Consumer consumer(settings.config, input, {.producer = &producer});
  const auto relay = [&] {
    for (const auto& message : consumer) {
      send(producer, output, message.value().frame());
      if (message.value().frame() == 2) throw std::runtime_error("the display is gone");
    }
  };
  EXPECT_THROW(relay(), std::runtime_error);
  EXPECT_EQ((*consumer.begin()).value().frame(), 2);
  consumer.close();
  EXPECT_EQ(committed_offset(settings.config.group, input.topic(), 0), 1);
}

TEST(ConsumerWithProducer, ARefusedSendIsNotWaitedFor) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const Settings settings;
  write_raw(input.topic(), frames(1, 1));
  Config small = settings.config;
  small.max_message_bytes = 1'000;
  Producer producer(small);
  Consumer consumer(settings.config, input, {.producer = &producer});
  ASSERT_NE(consumer.next(20s), nullptr);
  Prediction large;
  large.add_object(std::string(2'000, 'x'));
  EXPECT_EQ(producer.try_send(output, large), errc::message_too_large);
  consumer.done();
  consumer.close();
  EXPECT_EQ(committed_offset(settings.config.group, input.topic(), 0), 1);
}

TEST(ConsumerWithProducer, ClosingWaitsForWhatWasSent) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const Settings settings(1'000ms);
  write_raw(input.topic(), frames(1, 2));
  Producer producer(settings.lingering);
  Consumer consumer(settings.config, input, {.revoke_timeout = 20s, .producer = &producer});
  for (int i = 0; i < 2; ++i) {
    ASSERT_NE(consumer.next(20s), nullptr);
    send(producer, output, i);
  }
  consumer.done();
  consumer.close();
  EXPECT_EQ(committed_offset(settings.config.group, input.topic(), 0), 2);
}

TEST(ConsumerWithProducer, ClosingSaysWhatWasNotDeliveredOrNotInTime) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  write_raw(input.topic(), frames(1, 1));
  {
    const Settings settings;
    Producer producer(settings.config);
    Consumer consumer(settings.config, input, {.producer = &producer});
    ASSERT_NE(consumer.next(20s), nullptr);
    const std::string broken = send_undeliverable(producer);
    consumer.done();
    const auto thrown = thrown_by([&] { consumer.close(); });
    EXPECT_EQ(thrown.code, errc::unknown_partition);
    EXPECT_TRUE(contains(thrown.text, broken));
    EXPECT_EQ(committed_offset(settings.config.group, input.topic(), 0), -1);
  }
  const Settings settings(60'000ms);
  Producer producer(settings.lingering);
  Consumer consumer(settings.config, input, {.revoke_timeout = 100ms, .producer = &producer});
  ASSERT_NE(consumer.next(20s), nullptr);
  send(producer, output, 1);
  consumer.done();
  const auto thrown = thrown_by([&] { consumer.close(); });
  EXPECT_EQ(thrown.code, errc::timed_out);
  EXPECT_TRUE(contains(thrown.text, "revoke_timeout"));
  EXPECT_EQ(committed_offset(settings.config.group, input.topic(), 0), -1);
}

TEST(ConsumerWithProducer, AProducerThatGoesFirstIsNoHarm) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const Settings settings(1'000ms);
  write_raw(input.topic(), frames(1, 1));
  std::optional<Producer> producer(settings.lingering);
  Consumer consumer(settings.config, input, {.producer = &*producer});
  ASSERT_NE(consumer.next(20s), nullptr);
  send(*producer, output, 1);
  consumer.done();
  producer.reset();
  consumer.close();
  EXPECT_EQ(committed_offset(settings.config.group, input.topic(), 0), 1);
}

// The outputs linger, so that at any moment many inputs are done whose outputs the broker does not have yet.
TEST(ConsumerWithProducer, KilledAgainAndAgainLosesNothing) {
  constexpr int kFrames = 1'500;
  constexpr int kKills = 2;
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  Config config = new_config();
  set_session_timeout(config.properties, "5000");
  config.properties["linger.ms"] = "20";
  const TemporaryFolder folder("conveyor-killed");
  const auto log = folder.path() / "log";
  const auto command = service_command(config, "consumer", input.topic(), output.topic());
  const CommittedOffset committed(config.group, input.topic(), 0);
  for (int kill = 0; kill <= kKills; ++kill) {
    ChildProcess service(command, log);
    const int before = kFrames * kill / (kKills + 1);
    write_raw(input.topic(), frames(before, kFrames * (kill + 1) / (kKills + 1) - 1));
    if (kill == kKills) {
      EXPECT_TRUE(eventually([&] { return committed.read() == kFrames; }, 60s));
      service.signal(SIGTERM);
      EXPECT_EQ(service.wait(20s), 0);
    } else {
      const auto until = before + 1 + static_cast<int>(random() % (kFrames / (kKills + 1)));
      EXPECT_TRUE(eventually([&] { return committed.read() >= until; }, 60s));
      service.signal(SIGKILL);
    }
  }
  // The record behind all others tells how many they are.
  std::int64_t count = -1;
  Producer producer(config);
  producer.send(output, {}, {.partition = 0}, [&](const Delivery& delivery) { count = delivery.offset; });
  ASSERT_EQ(producer.flush(20s).delivered, 1U);
  std::set<std::int64_t> delivered;
  for (const auto& record : read_raw(output.topic(), 1, static_cast<std::size_t>(count))) {
    delivered.insert(frame_of(record));
  }
  EXPECT_EQ(delivered.size(), static_cast<std::size_t>(kFrames));
}

}  // namespace
}  // namespace conveyor::tests
