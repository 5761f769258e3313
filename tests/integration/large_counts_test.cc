// Nothing is lost: every message counted by its number, also while members of a group come and go.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

constexpr int kMessages = 100'000;

/// How often each number from 0 to kMessages - 1 was seen; from any thread.
class Seen {
 public:
  void add(std::int64_t number) {
    if (++times_.at(static_cast<std::size_t>(number)) == 1) {
      ++different_;
    } else {
      ++again_;
    }
  }
  [[nodiscard]] int different() const { return different_; }
  [[nodiscard]] int again() const { return again_; }
  [[nodiscard]] bool all() const { return different_ == kMessages; }

 private:
  std::vector<std::atomic<int>> times_ = std::vector<std::atomic<int>>(kMessages);
  std::atomic<int> different_{0};
  std::atomic<int> again_{0};
};

void send_all(const Channel<Image>& channel) {
  Producer producer(new_config());
  Image image;
  image.set_image_data(std::string(100, 'x'));
  for (int i = 0; i < kMessages; ++i) {
    image.set_frame(i);
    producer.send(channel, image);
  }
  const FlushReport report = producer.flush(60s);
  ASSERT_EQ(report.delivered, static_cast<std::uint64_t>(kMessages));
  ASSERT_EQ(report.failed, 0U);
}

void print_repeated(const char* what, const Seen& seen) {
  std::printf("%s: %d different, %d more than once\n", what, seen.different(), seen.again());
}

/// A consumer on a thread of its own, which leaves the group at the end of its scope.
class ReadingThread {
 public:
  ReadingThread(const Config& config, const Channel<Image>& channel, Seen& seen)
      : consumer_(config, channel, {.stop = stop_.get_token(), .commit_interval = 100ms}), thread_([this, &seen] {
          for (const auto& message : consumer_) seen.add(message.value().frame());
        }) {}
  ~ReadingThread() {
    stop_.request_stop();
    thread_.join();
    consumer_.close();
  }
  ReadingThread(const ReadingThread&) = delete;
  ReadingThread& operator=(const ReadingThread&) = delete;

  [[nodiscard]] ConsumerCounters counters() const { return consumer_.counters(); }

 private:
  std::stop_source stop_;
  Consumer<Image> consumer_;
  std::thread thread_;
};

TEST(LargeCounts, EachOf100000MessagesIsReceivedOnce) {
  const auto channel = new_channel<Image>(4);
  std::jthread sending([&] { send_all(channel); });
  Seen seen;
  Consumer consumer(new_config(), channel);
  while (!seen.all()) {
    const auto* message = consumer.next(20s);
    ASSERT_NE(message, nullptr) << "after " << seen.different();
    seen.add(message->value().frame());
  }
  EXPECT_EQ(consumer.next(300ms), nullptr);
  EXPECT_EQ(seen.again(), 0);
}

TEST(LargeCounts, NoneIsMissingWhenAConsumerJoinsAndAnotherLeaves) {
  const auto channel = new_channel<Image>(4);
  const Config config = new_config();
  std::jthread sending([&] { send_all(channel); });
  Seen seen;
  auto first = std::make_unique<ReadingThread>(config, channel, seen);
  ASSERT_TRUE(eventually([&] { return seen.different() >= kMessages / 10; }, 60s));
  ReadingThread second(config, channel, seen);
  ASSERT_TRUE(eventually([&] { return second.counters().received >= 5'000 || seen.all(); }, 60s));
  EXPECT_FALSE(seen.all()) << "the second came too late to take part";
  first.reset();
  EXPECT_TRUE(eventually([&] { return seen.all(); }, 60s)) << seen.different();
  print_repeated("two consumers", seen);
}

TEST(LargeCounts, NoOutputIsMissingWhenAWorkerJoinsAndAnotherLeaves) {
  const auto input = new_channel<Image>(4);
  const auto output = new_channel<Prediction>(4, {.codec = Codec::kRaw});
  const Config config = new_config();
  std::jthread sending([&] { send_all(input); });
  const auto make = [&] {
    auto worker = std::make_unique<Worker>(config, WorkerOptions{.threads = 2, .commit_interval = 100ms});
    worker->transform(input, output, [](const Message<Image>& message) {
      Prediction prediction;
      prediction.set_frame(message.value().frame());
      return prediction;
    });
    return worker;
  };
  const auto first = make();
  const auto second = make();
  {
    auto running_first = std::make_unique<RunningWorker>(*first);
    ASSERT_TRUE(eventually([&] { return first->counters().handled >= kMessages / 10; }, 60s));
    RunningWorker running_second(*second);
    ASSERT_TRUE(eventually([&] { return second->counters().handled >= 5'000; }, 60s));
    running_first->stop();
    ASSERT_TRUE(eventually([&] { return first->counters().handled + second->counters().handled >= kMessages; }, 60s));
    running_second.stop();
  }
  EXPECT_GE(second->counters().handled, 5'000U);
  EXPECT_GE(first->producer_counters().delivered + second->producer_counters().delivered,
            static_cast<std::uint64_t>(kMessages));

  Seen seen;
  Consumer consumer(new_config(), output);
  while (!seen.all()) {
    const auto* message = consumer.next(10s);
    ASSERT_NE(message, nullptr) << "after " << seen.different();
    seen.add(message->value().frame());
  }
  print_repeated("two workers", seen);
}

}  // namespace
}  // namespace conveyor::tests
