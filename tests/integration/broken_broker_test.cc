// A broker that freezes or restarts under clients that are at work: nothing hangs, nothing is lost.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"
#include "support/kafka_cluster/kafka_cluster.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

inline constexpr Channel<Image> kFrames{"frames"};
inline constexpr Channel<Prediction> kPredictions{"predictions"};

class BrokenBroker : public ::testing::Test {
 protected:
  BrokenBroker() {
    kafka_.create_topic("frames", 2);
    kafka_.create_topic("predictions", 2);
  }

  [[nodiscard]] Config config() const {
    return {.bootstrap_servers = kafka_.bootstrap_servers(),
            .group = "group",
            .properties = {{"reconnect.backoff.max.ms", "500"}, {"heartbeat.interval.ms", "500"}}};
  }
  void send_frames(int first, int last) {
    Producer producer(config());
    Image image;
    for (int i = first; i <= last; ++i) {
      image.set_frame(i);
      producer.send(kFrames, image);
    }
    ASSERT_EQ(producer.flush(20s).delivered, static_cast<std::uint64_t>(last - first + 1));
  }

  KafkaCluster kafka_;
};

TEST_F(BrokenBroker, AFrozenOneDoesNotHoldAProducersDestructor) {
  std::atomic<int> resolved{0};
  std::optional<Producer> producer(std::in_place, config(), ProducerOptions{.close_timeout = 1s});
  producer->wait_until_connected(20s);
  kafka_.pause(0);
  for (int i = 0; i < 100; ++i) producer->send(kFrames, Image{}, {}, [&](const Delivery&) { ++resolved; });
  EXPECT_LT(time_of([&] { producer.reset(); }), 10s);
  EXPECT_EQ(resolved, 100);
}

TEST_F(BrokenBroker, AFrozenOneDoesNotHoldAConsumersDestructor) {
  send_frames(1, 10);
  std::optional<Consumer<Image>> consumer(std::in_place, config(), kFrames);
  ASSERT_NE(consumer->next(20s), nullptr);
  ASSERT_NE(consumer->next(20s), nullptr);
  kafka_.pause(0);
  EXPECT_LT(time_of([&] { consumer.reset(); }), 15s);
}

TEST_F(BrokenBroker, AFrozenOneDoesNotHoldAWorkerThatShallStop) {
  send_frames(1, 10);
  std::atomic<int> handled{0};
  Worker worker(config(), {.drain_timeout = 2s, .producer = {.close_timeout = 1s}});
  worker.transform(kFrames, kPredictions, [&](const Message<Image>&) {
    if (++handled == 5) kafka_.pause(0);
    return Prediction();
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return handled >= 5; }));
  RunReport report;
  EXPECT_LT(time_of([&] { report = running.stop(); }), 20s);
  EXPECT_GE(report.left, 1U) << "an output that was not acknowledged leaves its input undone";
}

TEST_F(BrokenBroker, ThroughARestartNothingIsLost) {
  constexpr int kMessages = 3'000;
  Consumer consumer(config(), kFrames);
  std::atomic<int> sent{0};
  std::atomic<int> failed{0};
  std::jthread sending([&] {
    Producer producer(config());
    Image image;
    for (int i = 0; i < kMessages; ++i) {
      image.set_frame(i);
      producer.send(kFrames, image, {}, [&](const Delivery& delivery) { failed += delivery.error ? 1 : 0; });
      ++sent;
      std::this_thread::sleep_for(1ms);  // the pace of a camera, so that the restart falls among the sends
    }
    EXPECT_EQ(producer.flush(60s).left, 0U);
  });
  std::jthread restarting([&] {
    EXPECT_TRUE(eventually([&] { return sent >= kMessages / 10; }));
    kafka_.kill(0);
    kafka_.restart(0);
  });
  std::set<std::int64_t> frames;
  int again = 0;
  for (const auto deadline = Clock::now() + 90s; frames.size() < kMessages && Clock::now() < deadline;) {
    if (const auto* message = consumer.next(100ms)) again += frames.insert(message->value().frame()).second ? 0 : 1;
  }
  EXPECT_EQ(frames.size(), static_cast<std::size_t>(kMessages));
  EXPECT_EQ(failed, 0);
  std::printf("a restart: %zu different, %d more than once\n", frames.size(), again);
}

}  // namespace
}  // namespace conveyor::tests
