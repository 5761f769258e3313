// No broker answers, or a setting is wrong: a clear error in bounded time, and nothing hangs, destructors included.

#include "support/errors.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "support/collecting_observer.h"
#include "support/kafka_cluster/reserved_port.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

inline constexpr Channel<Image> kFrames{"frames"};

/// Where no Kafka is: a port that refuses connections, or one that accepts them and never says a word.
class NoBroker : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      ASSERT_EQ(listen(port_.socket(), 16), 0);
    }
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_.number()); }
  [[nodiscard]] Config config() const {
    return {.bootstrap_servers = address(), .group = "group", .observer = observer_};
  }

  ReservedPort port_;
  std::shared_ptr<CollectingObserver> observer_ = std::make_shared<CollectingObserver>();
};

INSTANTIATE_TEST_SUITE_P(Errors, NoBroker, ::testing::Values(false, true),
                         [](const auto& kind) { return kind.param ? "ThatIsSilent" : "ThatRefuses"; });

TEST_P(NoBroker, WaitingForAConnectionEndsWithTheAddressAndTheSetting) {
  Thrown thrown;
  const auto took = time_of([&] {
    Producer producer(config());
    thrown = thrown_by([&] { producer.wait_until_connected(1s); });
  });
  EXPECT_LT(took, 4s);
  EXPECT_EQ(thrown.code, errc::broker_unreachable);
  EXPECT_TRUE(contains(thrown.text, address()));
  EXPECT_TRUE(contains(thrown.text, "Config::bootstrap_servers"));
}

TEST_P(NoBroker, ASendFailsAfterItsDeliveryTimeout) {
  std::vector<std::error_code> errors;
  std::string text;
  FlushReport report;
  const auto took = time_of([&] {
    Producer producer(config(), {.delivery_timeout = 1s});
    for (int i = 0; i < 3; ++i) {
      producer.send(kFrames, Image{}, {}, [&](const Delivery& delivery) {
        errors.push_back(delivery.error);
        text = delivery.error_text;
      });
    }
    report = producer.flush(10s);
  });
  EXPECT_LT(took, 6s);
  EXPECT_EQ(report.failed, 3U);
  EXPECT_EQ(report.left, 0U);
  EXPECT_EQ(errors, std::vector<std::error_code>(3, errc::timed_out));
  EXPECT_TRUE(contains(text, "channel frames on " + address()));
  EXPECT_TRUE(contains(text, "ProducerOptions::delivery_timeout = 1000 ms"));
  EXPECT_EQ(observer_->events(Event::Kind::kDeliveryFailed).size(), 3U);
}

TEST_P(NoBroker, AFlushReturnsInTimeAndSaysWhatIsLeft) {
  Producer producer(config(), {.close_timeout = 100ms});
  for (int i = 0; i < 3; ++i) producer.send(kFrames, Image{});
  FlushReport report;
  EXPECT_LT(time_of([&] { report = producer.flush(300ms); }), 2s);
  EXPECT_EQ(report.left, 3U);
  EXPECT_EQ(report.delivered, 0U);
}

TEST_P(NoBroker, TheProducersDestructorResolvesEverySendOnce) {
  std::vector<std::atomic<int>> calls(1'000);
  const auto took = time_of([&] {
    Producer producer(config(), {.close_timeout = 500ms});
    for (auto& count : calls) producer.send(kFrames, Image{}, {}, [&](const Delivery& d) { count += d.error ? 1 : 9; });
  });
  EXPECT_LT(took, 5s);
  for (const auto& count : calls) EXPECT_EQ(count, 1);
}

TEST_P(NoBroker, AConsumersLoopThrowsAfterItsPatience) {
  Thrown thrown;
  const auto took = time_of([&] {
    Consumer consumer(config(), kFrames, {.topic_timeout = 1s});
    thrown = thrown_by([&] {
      for (const auto& message : consumer) static_cast<void>(message);
    });
  });
  EXPECT_LT(took, 10s);
  EXPECT_EQ(thrown.code, errc::broker_unreachable);
  EXPECT_TRUE(contains(thrown.text, address()));
  EXPECT_TRUE(contains(thrown.text, "Config::bootstrap_servers"));
}

TEST_P(NoBroker, AConsumerThatIsNotReadEndsAtOnce) {
  EXPECT_LT(time_of([&] { Consumer consumer(config(), kFrames); }), 3s);
}

TEST_P(NoBroker, AConsumerWithEndlessPatienceCanBeStopped) {
  const auto took = time_of([&] {
    Consumer consumer(config(), kFrames, {.topic_timeout = std::chrono::milliseconds::max()});
    EXPECT_EQ(consumer.next(300ms), nullptr);
  });
  EXPECT_LT(took, 4s);
}

TEST_P(NoBroker, AWorkerEndsAfterItsPatience) {
  Worker worker(config(), {.topic_timeout = 1s});
  worker.handle(kFrames, [](const Message<Image>&) {});
  Thrown thrown;
  const auto took = time_of([&] {
    RunningWorker running(worker);
    thrown = thrown_by([&] { running.end(); });
  });
  EXPECT_LT(took, 10s);
  EXPECT_EQ(thrown.code, errc::broker_unreachable);
  EXPECT_TRUE(contains(thrown.text, address()));
}

TEST_P(NoBroker, AWorkerCanBeStoppedWhileItWaits) {
  Worker worker(config());
  worker.handle(kFrames, [](const Message<Image>&) {});
  RunningWorker running(worker);
  EXPECT_TRUE(eventually([&] { return !observer_->lines().empty(); }, GetParam() ? 100ms : 5s) || GetParam());
  EXPECT_LT(time_of([&] { running.stop(); }), 8s);
}

/// A queue that nobody empties.
class FullQueue : public ::testing::Test {
 protected:
  [[nodiscard]] Producer producer(WhenFull when_full, std::chrono::milliseconds block_timeout = 300ms) const {
    Config config{.bootstrap_servers = "127.0.0.1:" + std::to_string(port_.number()), .observer = observer_};
    return Producer(
        config,
        {.when_full = when_full, .block_timeout = block_timeout, .max_queued_messages = 10, .close_timeout = 0ms});
  }
  static void fill(Producer& producer) {
    for (int i = 0; i < 10; ++i) producer.send(kFrames, Image{});
  }

  ReservedPort port_;
  std::shared_ptr<CollectingObserver> observer_ = std::make_shared<CollectingObserver>();
};

TEST_F(FullQueue, FailsAtOnceNamingTheSettings) {
  Producer full = producer(WhenFull::kFail);
  fill(full);
  Thrown thrown;
  EXPECT_LT(time_of([&] { thrown = thrown_by([&] { full.send(kFrames, Image{}); }); }), 200ms);
  EXPECT_EQ(thrown.code, errc::queue_full);
  EXPECT_TRUE(contains(thrown.text, "ProducerOptions::max_queued_messages = 10"));
  EXPECT_EQ(full.try_send(kFrames, Image{}), errc::queue_full);
  EXPECT_EQ(full.counters().refused, 2U);
  EXPECT_EQ(full.counters().accepted, 10U);
}

TEST_F(FullQueue, BlocksUntilItsDeadline) {
  Producer full = producer(WhenFull::kBlock, 300ms);
  fill(full);
  Thrown thrown;
  const auto took = time_of([&] { thrown = thrown_by([&] { full.send(kFrames, Image{}); }); });
  EXPECT_GE(took, 290ms);
  EXPECT_LT(took, 2s);
  EXPECT_EQ(thrown.code, errc::queue_full);
  EXPECT_TRUE(contains(thrown.text, "block_timeout"));
}

TEST_F(FullQueue, DropsAndCounts) {
  Producer full = producer(WhenFull::kDrop);
  fill(full);
  int called = 0;
  for (int i = 0; i < 5; ++i) full.send(kFrames, Image{}, {}, [&](const Delivery&) { ++called; });
  EXPECT_EQ(full.counters().dropped, 5U);
  EXPECT_EQ(full.counters().accepted, 10U);
  EXPECT_EQ(observer_->events(Event::Kind::kDropped).size(), 5U);
  EXPECT_EQ(called, 0) << "what was not accepted has no delivery";
}

TEST_F(FullQueue, IsBoundedInBytesToo) {
  const Config config{.bootstrap_servers = "127.0.0.1:" + std::to_string(port_.number()), .observer = observer_};
  Producer full(config, {.when_full = WhenFull::kFail, .max_queued_bytes = 100'000, .close_timeout = 0ms});
  const Channel<Image> raw = Channel<Image>::named("frames", {.codec = Codec::kRaw});
  Image image;
  image.set_image_data(std::string(40'000, 'x'));
  full.send(raw, image);
  full.send(raw, image);
  const Thrown thrown = thrown_by([&] { full.send(raw, image); });
  EXPECT_EQ(thrown.code, errc::queue_full);
  EXPECT_TRUE(contains(thrown.text, "max_queued_bytes = 100000"));
}

TEST_F(FullQueue, LetsABlockedSendGoOnWhenThereIsRoom) {
  Config config{.bootstrap_servers = "127.0.0.1:" + std::to_string(port_.number()), .observer = observer_};
  Producer full(config, {.block_timeout = 20s,
                         .max_queued_messages = 10,
                         .delivery_timeout = 1s,  // which makes room
                         .close_timeout = 0ms});
  fill(full);
  EXPECT_LT(time_of([&] { full.send(kFrames, Image{}); }), 10s);
}

TEST(WrongSettings, AnUnknownPropertyIsRefusedNamingTheClosest) {
  const Config config{.group = "group", .properties = {{"linger.msec", "5"}}};
  const auto expect_named = [](const Thrown& thrown) {
    EXPECT_EQ(thrown.code, errc::unknown_property);
    EXPECT_TRUE(contains(thrown.text, "linger.msec"));
    EXPECT_TRUE(contains(thrown.text, "did you mean linger.ms?"));
  };
  expect_named(thrown_by([&] { Producer producer(config); }));
  expect_named(thrown_by([&] { Consumer consumer(config, kFrames); }));
  expect_named(thrown_by([&] { Worker worker(config); }));
}

TEST(WrongSettings, ConsumingWithoutAGroupNamesTheSetting) {
  const Config config;
  for (const Thrown& thrown :
       {thrown_by([&] { Consumer consumer(config, kFrames); }), thrown_by([&] { Worker worker(config); })}) {
    EXPECT_EQ(thrown.code, errc::no_group);
    EXPECT_TRUE(contains(thrown.text, "Config::group"));
    EXPECT_TRUE(contains(thrown.text, "CONVEYOR_GROUP"));
  }
}

TEST(WrongSettings, AWorkerWithoutAHandlerSaysWhatToCall) {
  Worker worker({.group = "group"});
  const Thrown thrown = thrown_by([&] { worker.run({}); });
  EXPECT_EQ(thrown.code, errc::invalid_config);
  EXPECT_TRUE(contains(thrown.text, "handle()"));
}

TEST(WrongSettings, AMessageAboveALimitNamesIt) {
  Producer producer({.max_record_bytes = 2'000, .max_message_bytes = 10'000}, {.close_timeout = 0ms});
  const Channel<Image> raw = Channel<Image>::named("frames", {.codec = Codec::kRaw});
  Image image;
  image.set_image_data(std::string(3'000, 'x'));
  const Thrown record = thrown_by([&] { producer.send(raw, image); });
  EXPECT_EQ(record.code, errc::message_too_large);
  EXPECT_TRUE(contains(record.text, "Config::max_record_bytes = 2000"));
  EXPECT_TRUE(contains(record.text, "max.message.bytes"));
  image.set_image_data(std::string(11'000, 'x'));
  const Thrown message = thrown_by([&] { producer.send(kFrames, image); });
  EXPECT_EQ(message.code, errc::message_too_large);
  EXPECT_TRUE(contains(message.text, "Config::max_message_bytes = 10000"));
}

}  // namespace
}  // namespace conveyor::tests
