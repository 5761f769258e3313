// Handling in transactions on a real Kafka: counted by number, as a reader of committed records sees it.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

class ExactlyOnce : public testing::Test {
 protected:
  void send_frames(int count, int size = 0, int first = 0) {
    Producer producer(config);
    Image image;
    image.set_image_data(std::string(static_cast<std::size_t>(size), 'x'));
    for (int i = first; i < first + count; ++i) {
      image.set_frame(i);
      producer.send(input, image, {.key = std::to_string(i % 50)});
    }
    ASSERT_EQ(producer.flush(60s).delivered, static_cast<std::uint64_t>(count));
  }

  static WorkerOptions options(const std::string& instance = "0") {
    return {.threads = 2, .exactly_once = {.enabled = true, .instance = instance}};
  }

  static Prediction prediction_of(const Message<Image>& message) {
    Prediction prediction;
    prediction.set_frame(message.value().frame());
    return prediction;
  }

  /// How often each frame is among the committed predictions, reading until `different` of them were seen and nothing
  /// more came for a while.
  std::map<std::int64_t, int> committed_frames(std::size_t different) { return committed_frames(different, output); }
  static std::map<std::int64_t, int> committed_frames(std::size_t different, const Channel<Prediction>& channel) {
    Consumer consumer(new_config(), channel);
    std::map<std::int64_t, int> times;
    while (const auto* message = consumer.next(times.size() < different ? 20s : 500ms)) {
      ++times[message->value().frame()];
    }
    return times;
  }
  void expect_each_once(std::size_t count) {
    const auto times = committed_frames(count);
    EXPECT_EQ(times.size(), count);
    for (const auto& [frame, often] : times) EXPECT_EQ(often, 1) << "frame " << frame;
  }

  const Channel<Image> input = new_channel<Image>(3);
  const Channel<Prediction> output = new_channel<Prediction>(3);
  const Config config = new_config();
};

TEST_F(ExactlyOnce, EachInputHasItsOutputOnceThroughManyStops) {
  constexpr int kCount = 5'000;
  send_frames(kCount);
  std::uint64_t handled = 0;
  for (int life = 0; handled < kCount; ++life) {
    ASSERT_LT(life, 20);
    Worker worker(config, options());
    worker.transform(input, output, [](const Message<Image>& message) { return prediction_of(message); });
    RunningWorker running(worker);
    const std::uint64_t enough = std::min<std::uint64_t>(kCount - handled, 1'500);
    ASSERT_TRUE(eventually([&] { return worker.counters().handled >= enough; }));
    handled += running.stop().handled;
  }
  EXPECT_EQ(handled, static_cast<std::uint64_t>(kCount));
  expect_each_once(kCount);
}

TEST_F(ExactlyOnce, RetriesAndDeadLettersJoinTheTransaction) {
  constexpr int kCount = 300;
  create_topic(std::string(input.topic()) + "-dlt", 3);
  send_frames(kCount);
  WorkerOptions with_dead_letters = options();
  with_dead_letters.retry = {.attempts = 3, .initial_backoff = 5ms, .max_backoff = 5ms};
  with_dead_letters.dead_letter.enabled = true;
  Worker worker(config, with_dead_letters);
  worker.transform(input, output, [](const Message<Image>& message, Context& context) {
    const auto frame = message.value().frame();
    if (frame % 10 == 3) throw std::runtime_error("never");
    if (frame % 10 == 7 && context.attempt() < 3) throw RetryableError("not yet");
    return prediction_of(message);
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == kCount; }, 60s));
  const RunReport report = running.stop();
  EXPECT_EQ(report.dead_lettered, 30U);
  EXPECT_EQ(report.left, 0U);
  const auto times = committed_frames(270);
  EXPECT_EQ(times.size(), 270U);
  for (const auto& [frame, often] : times) {
    EXPECT_EQ(often, 1) << frame;
    EXPECT_NE(frame % 10, 3);
  }
  const auto dead = read_raw(std::string(input.topic()) + "-dlt", 3, 30);
  ASSERT_EQ(dead.size(), 30U);
  for (const auto& letter : dead) EXPECT_EQ(header(letter.headers, "conveyor-dlt-stage"), "handler");
}

TEST_F(ExactlyOnce, ABatchHasEachOfItsOutputsOnceWhateverItsItemsMeet) {
  constexpr int kCount = 3'000;
  create_topic(std::string(input.topic()) + "-dlt", 3);
  send_frames(kCount);
  WorkerOptions with_dead_letters = options();
  with_dead_letters.retry = {.attempts = 3, .initial_backoff = 5ms, .max_backoff = 5ms};
  with_dead_letters.dead_letter.enabled = true;
  const auto side = new_channel<Prediction>(1);
  std::uint64_t handled = 0;
  std::uint64_t dead_lettered = 0;
  for (int life = 0; handled < kCount; ++life) {
    ASSERT_LT(life, 20);
    Worker worker(config, with_dead_letters);
    worker.transform_batch(input, output,
                           [&](std::span<BatchItem<Image, Prediction>> items) {
                             for (auto& item : items) {
                               const auto frame = item.message().value().frame();
                               item.context().send(side, prediction_of(item.message()));
                               item.reply(prediction_of(item.message()));
                               if (frame % 50 == 13) item.fail(std::runtime_error("never"));
                               if (frame % 50 == 27 && item.context().attempt() < 3)
                                 item.fail(RetryableError("not yet"));
                               if (frame % 500 == 40) throw std::runtime_error("the whole batch, and this one alone");
                             }
                           },
                           {.max_batch = 16, .max_delay = 2ms});
    RunningWorker running(worker);
    const std::uint64_t enough = std::min<std::uint64_t>(kCount - handled, 1'000);
    ASSERT_TRUE(eventually([&] { return worker.counters().handled >= enough; }, 60s));
    const RunReport report = running.stop();
    handled += report.handled;
    dead_lettered += report.dead_lettered;
  }
  EXPECT_EQ(handled, static_cast<std::uint64_t>(kCount));
  EXPECT_EQ(dead_lettered, 66U);
  EXPECT_EQ(read_raw(std::string(input.topic()) + "-dlt", 3, 66).size(), 66U);
  for (const Channel<Prediction>& each : {output, side}) {
    const auto times = committed_frames(kCount - 66, each);
    EXPECT_EQ(times.size(), static_cast<std::size_t>(kCount - 66)) << each.topic();
    for (const auto& [frame, often] : times) EXPECT_EQ(often, 1) << "frame " << frame << " on " << each.topic();
  }
}

TEST_F(ExactlyOnce, WhatAFailedInputSentIsNeverSeen) {
  send_frames(1);
  WorkerOptions retrying = options();
  retrying.retry = {.attempts = 3, .initial_backoff = 5ms, .max_backoff = 5ms};
  Worker worker(config, retrying);
  worker.handle(input, [this](const Message<Image>& message, Context& context) {
    Prediction prediction;
    prediction.set_frame(100 + context.attempt());
    context.send(output, prediction);
    if (context.attempt() < 3) throw RetryableError("not yet");
    static_cast<void>(message);
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 1; }));
  running.stop();
  EXPECT_EQ(committed_frames(1), (std::map<std::int64_t, int>{{103, 1}}));
}

TEST_F(ExactlyOnce, AnOutputThatIsRefusedFailsItsInputAloneAndTheOthersOnce) {
  constexpr int kCount = 100;
  const std::string small = unique_name("small");
  create_topic(small, 1, {{"max.message.bytes", "20000"}});
  create_topic(std::string(input.topic()) + "-dlt", 3);
  const auto narrow = Channel<Image>::named(small, {.codec = Codec::kRaw});
  send_frames(kCount);
  WorkerOptions with_dead_letters = options();
  with_dead_letters.dead_letter.enabled = true;
  Worker worker(config, with_dead_letters);
  worker.transform(input, output, [&](const Message<Image>& message, Context& context) {
    Image image;
    if (message.value().frame() == 42) image.set_image_data(std::string(50'000, 'x'));
    context.send(narrow, image);
    return prediction_of(message);
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == kCount; }, 60s));
  EXPECT_EQ(running.stop().dead_lettered, 1U);
  const auto times = committed_frames(kCount - 1);
  EXPECT_EQ(times.size(), static_cast<std::size_t>(kCount - 1));
  for (const auto& [frame, often] : times) EXPECT_EQ(often, 1) << frame;
  EXPECT_FALSE(times.contains(42));
}

TEST_F(ExactlyOnce, TheSecondOfTheSameInstanceFencesTheFirstWhichDeliversNothingMore) {
  constexpr int kCount = 2'000;
  send_frames(kCount);
  std::atomic<bool> go{false};
  Worker first(config, options());
  first.transform(input, output, [&](const Message<Image>& message) {
    static_cast<void>(eventually([&] { return go.load(); }, 30s));
    return prediction_of(message);
  });
  RunningWorker running(first);
  ASSERT_TRUE(eventually([&] { return first.counters().in_flight > 0; }));
  Worker second(config, options());
  second.transform(input, output, [&](const Message<Image>& message) { return prediction_of(message); });
  RunningWorker running_second(second);
  go = true;
  // Only one that transacts notices that it is fenced: it must not run out of work before the second has begun.
  int sent = kCount;
  for (const auto deadline = std::chrono::steady_clock::now() + 60s;
       !running.ended(200ms) && std::chrono::steady_clock::now() < deadline; sent += 100) {
    send_frames(100, 0, sent);
  }
  const Thrown thrown = thrown_by([&] { running.end(1s); });
  EXPECT_EQ(thrown.code, errc::fatal);
  EXPECT_TRUE(contains(thrown.text, "another worker now uses the transactional id")) << thrown.text;
  expect_each_once(static_cast<std::size_t>(sent));
  running_second.stop();
}

TEST_F(ExactlyOnce, TwoWorkersShareAndOneLeavesInTheMiddle) {
  constexpr int kCount = 20'000;
  send_frames(kCount);
  Worker first(config, options("0"));
  Worker second(config, options("1"));
  std::atomic<int> done{0};
  for (Worker* worker : {&first, &second}) {
    worker->transform(input, output, [&](const Message<Image>& message) {
      ++done;
      return prediction_of(message);
    });
  }
  RunningWorker running(first);
  ASSERT_TRUE(eventually([&] { return done > 1'000; }));
  {
    RunningWorker joining(second);
    ASSERT_TRUE(eventually([&] { return second.counters().handled > 500 || done >= kCount; }, 60s));
    joining.stop();
  }
  ASSERT_TRUE(eventually([&] { return first.counters().handled + second.counters().handled >= kCount; }, 60s));
  running.stop();
  expect_each_once(kCount);
}

TEST(ExactlyOnceSettings, AnInstanceMustBeNamed) {
  const Thrown thrown = thrown_by([] { Worker(new_config(), {.exactly_once = {.enabled = true}}); });
  EXPECT_EQ(thrown.code, errc::invalid_config);
  EXPECT_TRUE(contains(thrown.text, "ExactlyOnceOptions::instance")) << thrown.text;
}

}  // namespace
}  // namespace conveyor::tests
