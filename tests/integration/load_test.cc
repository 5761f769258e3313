// A worker under load, with everything that can go wrong going wrong now and then; what the thread sanitizer watches.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

constexpr std::int64_t kMessages = 20'000;
constexpr int kPartitions = 4;
constexpr std::int64_t kOneInHundred = 100;

TEST(WorkerUnderLoad, EachMessageIsHandledOrDeadLetteredOnceWhileASecondWorkerComesAndGoes) {
  const auto input = new_channel<Image>(kPartitions);
  const auto output = new_channel<Prediction>(kPartitions);
  create_topic(std::string(input.topic()) + "-dlt", kPartitions);
  Config config = new_config();
  config.observer = std::make_shared<CollectingObserver>();  // thousands of lines otherwise
  {
    Producer producer(config);
    Image image;
    for (std::int64_t i = 0; i < kMessages; ++i) {
      image.set_frame(i);
      producer.send(input, image, {.key = std::to_string(i % 97)});
    }
    ASSERT_EQ(producer.flush(60s).delivered, static_cast<std::uint64_t>(kMessages));
  }

  std::vector<std::atomic<int>> times(kMessages);
  const auto handler = [&](const Message<Image>& message, Context& context) {
    const std::int64_t frame = message.value().frame();
    if (frame % kOneInHundred == 13) throw std::runtime_error("never");
    if (frame % kOneInHundred == 31 && context.attempt() == 1) throw RetryableError("not yet");
    ++times[static_cast<std::size_t>(frame)];
    Prediction prediction;
    prediction.set_frame(frame);
    return prediction;
  };
  const WorkerOptions options{.threads = 3,
                              .commit_interval = 50ms,
                              .retry = {.attempts = 3, .initial_backoff = 2ms, .max_backoff = 5ms},
                              .dead_letter = {.enabled = true},
                              .order = Order::kKey};
  Worker first(config, options);
  Worker second(config, options);
  first.transform(input, output, handler);
  second.transform(input, output, handler);
  const auto done = [&] { return first.counters().handled + second.counters().handled; };
  RunningWorker running(first);
  ASSERT_TRUE(eventually([&] { return done() > 2'000; }, 60s));
  RunReport of_second;
  {
    RunningWorker joining(second);
    ASSERT_TRUE(eventually([&] { return second.counters().handled > 100 || done() >= kMessages; }, 60s));
    of_second = joining.stop();
  }
  const auto all_handled = [&] {
    for (std::int64_t i = 0; i < kMessages; ++i) {
      if (i % kOneInHundred != 13 && times[static_cast<std::size_t>(i)] == 0) return false;
    }
    return true;
  };
  EXPECT_TRUE(eventually(all_handled, 120s));
  EXPECT_TRUE(eventually([&] { return done() >= kMessages; }, 60s));
  const RunReport of_first = running.stop();
  EXPECT_GE(of_first.dead_lettered + of_second.dead_lettered, static_cast<std::uint64_t>(kMessages / kOneInHundred));
  EXPECT_GE(of_first.handled + of_second.handled, static_cast<std::uint64_t>(kMessages));
}

}  // namespace
}  // namespace conveyor::tests
