// Errors that only a real broker tells: topics that do not exist, records that it refuses.

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

Image frame_of_bytes(std::size_t bytes) {
  Image image;
  image.set_image_data(std::string(bytes, 'x'));
  return image;
}

TEST(MissingTopic, FailsASendNamingTheTopic) {
  const auto channel = Channel<Image>::named(unique_name("missing"));
  Config config = new_config();
  config.properties["topic.metadata.propagation.max.ms"] = "1000";  // how long the client thinks it may be new
  Producer producer(config, {.delivery_timeout = 20s});
  std::error_code code;
  std::string text;
  const auto took = time_of([&] {
    producer.send(channel, Image{}, {}, [&](const Delivery& delivery) {
      code = delivery.error;
      text = delivery.error_text;
    });
    producer.flush(20s);
  });
  EXPECT_LT(took, 15s);
  EXPECT_EQ(code, errc::unknown_topic) << text;
  EXPECT_TRUE(contains(text, channel.topic()));
  EXPECT_TRUE(contains(text, "create the topic"));
  // From now on the client knows.
  const Thrown thrown = thrown_by([&] { producer.send(channel, Image{}); });
  EXPECT_EQ(thrown.code, errc::unknown_topic);
  EXPECT_TRUE(contains(thrown.text, channel.topic()));
  EXPECT_TRUE(contains(thrown.text, "create the topic"));
}

TEST(MissingTopic, EndsAConsumerAfterItsPatience) {
  const auto channel = Channel<Image>::named(unique_name("missing"));
  Config config = new_config();
  const auto observer = std::make_shared<CollectingObserver>();
  config.observer = observer;
  Thrown thrown;
  const auto took = time_of([&] {
    Consumer consumer(config, channel, {.topic_timeout = 1s});
    thrown = thrown_by([&] {
      for (const auto& message : consumer) static_cast<void>(message);
    });
  });
  EXPECT_LT(took, 8s);
  EXPECT_EQ(thrown.code, errc::unknown_topic);
  EXPECT_TRUE(contains(thrown.text, channel.topic()));
  EXPECT_TRUE(contains(thrown.text, "create it"));
  EXPECT_TRUE(contains(thrown.text, "Config::topic_prefix"));
  const auto events = observer->events(Event::Kind::kTopicMissing);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].topic, channel.topic());
  EXPECT_TRUE(contains(events[0].text, channel.topic()));
}

TEST(MissingTopic, EndsAWorkerThoughItsOtherTopicExists) {
  const auto existing = new_channel<Image>();
  const auto missing = Channel<Image>::named(unique_name("missing"));
  Worker worker(new_config(), {.topic_timeout = 2s});
  worker.handle(existing, [](const Message<Image>&) {});
  worker.handle(missing, [](const Message<Image>&) {});
  RunningWorker running(worker);
  const Thrown thrown = thrown_by([&] { running.end(); });
  EXPECT_EQ(thrown.code, errc::unknown_topic);
  EXPECT_TRUE(contains(thrown.text, missing.topic()));
}

TEST(MissingTopic, ThatAppearsIsRead) {
  const std::string topic = unique_name("late");
  const auto channel = Channel<Image>::named(topic);
  const Config config = new_config();
  Consumer consumer(config, channel, {.topic_timeout = 30s});
  EXPECT_EQ(consumer.next(300ms), nullptr);
  create_topic(topic, 1);
  Producer producer(config);
  producer.send(channel, Image{});
  ASSERT_EQ(producer.flush(20s).delivered, 1U);
  EXPECT_NE(consumer.next(20s), nullptr);
}

TEST(BadGroup, ASessionTimeoutThatTheBrokersRefuseIsNamed) {
  const auto channel = new_channel<Image>();
  Config config = new_config();
  config.properties["session.timeout.ms"] = "500";  // the brokers take 1000 and more
  config.properties["max.poll.interval.ms"] = "600";
  Consumer consumer(config, channel);
  Thrown thrown;
  EXPECT_LT(time_of([&] { thrown = thrown_by([&] { static_cast<void>(consumer.next(20s)); }); }), 10s);
  EXPECT_EQ(thrown.code, errc::invalid_config);
  EXPECT_TRUE(contains(thrown.text, "session.timeout.ms"));
}

TEST(BadGroup, AnAssignmentStrategyThatItsMembersDoNotShareIsNamed) {
  const auto channel = new_channel<Image>();
  Config config = new_config();
  Consumer first(config, channel);
  ASSERT_TRUE(eventually([&] { return first.counters().partitions == 1; }));
  config.properties["partition.assignment.strategy"] = "cooperative-sticky";
  Consumer second(config, channel);
  Thrown thrown;
  EXPECT_LT(time_of([&] { thrown = thrown_by([&] { static_cast<void>(second.next(20s)); }); }), 10s);
  EXPECT_EQ(thrown.code, errc::invalid_config);
  EXPECT_TRUE(contains(thrown.text, "partition.assignment.strategy"));
  EXPECT_EQ(first.counters().partitions, 1U);
}

TEST(OversizedRecord, RefusedByTheTopicSaysSo) {
  const std::string topic = unique_name("small");
  create_topic(topic, 1, {{"max.message.bytes", "2000"}});
  const auto raw = Channel<Image>::named(topic, {.codec = Codec::kRaw});
  Producer producer(new_config());
  std::error_code code;
  std::string text;
  producer.send(raw, frame_of_bytes(5'000), {}, [&](const Delivery& delivery) {
    code = delivery.error;
    text = delivery.error_text;
  });
  EXPECT_EQ(producer.flush(20s).failed, 1U);
  EXPECT_EQ(code, errc::message_too_large);
  EXPECT_TRUE(contains(text, "max.message.bytes"));
  // One refused record does not stop the producer.
  producer.send(raw, frame_of_bytes(100));
  EXPECT_EQ(producer.flush(20s).delivered, 1U);
}

TEST(LargeRecord, GoesThroughWhenBothLimitsAreRaised) {
  const std::string topic = unique_name("large");
  create_topic(topic, 1, {{"max.message.bytes", "6000000"}});
  const auto raw = Channel<Image>::named(topic, {.codec = Codec::kRaw});
  Config config = new_config();
  config.max_record_bytes = 6'000'000;
  Producer producer(config);
  producer.send(raw, frame_of_bytes(5'000'000));
  ASSERT_EQ(producer.flush(20s).delivered, 1U);
  Consumer consumer(config, raw);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->value().image_data().size(), 5'000'000U);
}

}  // namespace
}  // namespace conveyor::tests
