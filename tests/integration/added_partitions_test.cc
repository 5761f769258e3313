// StartAt::kLatest with what only a real Kafka does: partitions that are added to a topic, and transactions.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using Frames = std::set<std::pair<std::int32_t, std::int64_t>>;  // by partition

class AddedPartitions : public ::testing::Test {
 protected:
  AddedPartitions() : config_(new_config()) { config_.properties["topic.metadata.refresh.interval.ms"] = "1000"; }

  void write(std::int32_t partition, int first, int end) {
    std::vector<RawRecord> records;
    for (int i = first; i < end; ++i) {
      Image image;
      image.set_frame(i);
      records.push_back({.value = image.SerializeAsString(), .partition = partition});
      written_.insert({partition, i});
    }
    write_raw(channel_.topic(), records);
  }
  [[nodiscard]] Frames handled() {
    const std::lock_guard lock(mutex_);
    return handled_;
  }
  void handle(Worker& worker) {
    worker.handle(channel_, [this](const Message<Image>& message) {
      const std::lock_guard lock(mutex_);
      handled_.insert({message.partition(), message.value().frame()});
    });
  }
  [[nodiscard]] static bool has(const Worker& worker, std::size_t partitions) {
    return eventually([&] { return worker.counters().partitions == partitions; }, 40s);
  }
  [[nodiscard]] bool all_handled() {
    return eventually([&] { return handled() == written_; }, 30s);
  }

  const Channel<Image> channel_ = new_channel<Image>(1, {.codec = Codec::kRaw});
  Config config_;
  Frames written_;

 private:
  std::mutex mutex_;
  Frames handled_;
};

const WorkerOptions kLatest{.start_at = StartAt::kLatest, .dead_letter = {.enabled = false}};

TEST_F(AddedPartitions, BeginAtTheirFirstRecord) {
  Worker worker(config_, kLatest);
  handle(worker);
  const RunningWorker running(worker);
  ASSERT_TRUE(has(worker, 1));
  write(0, 0, 1);
  ASSERT_TRUE(all_handled());
  add_partitions(std::string(channel_.topic()), 2);
  write(1, 0, 10);
  ASSERT_TRUE(has(worker, 2));
  write(1, 10, 11);
  EXPECT_TRUE(all_handled()) << handled().size() << " of " << written_.size();
}

TEST_F(AddedPartitions, BeginThereWhoeverComesToThemAndHoweverLate) {
  {
    Worker worker(config_, kLatest);
    handle(worker);
    RunningWorker running(worker);
    ASSERT_TRUE(has(worker, 1));
    running.stop();  // before its first record
  }
  add_partitions(std::string(channel_.topic()), 3);
  write(2, 0, 5);
  {
    // One that comes to them and goes again.
    Worker worker(config_, kLatest);
    worker.handle(channel_, [](const Message<Image>&) { throw RetryableError("not now"); });
    RunningWorker running(worker);
    ASSERT_TRUE(has(worker, 3));
    running.stop();
  }
  write(1, 0, 5);
  write(0, 0, 5);
  Worker worker(config_, kLatest);
  handle(worker);
  const RunningWorker running(worker);
  EXPECT_TRUE(all_handled()) << handled().size() << " of " << written_.size();
}

TEST_F(AddedPartitions, BeginAtTheirFirstRecordForAConsumerToo) {
  const auto take = [this](Consumer<Image>& consumer, std::size_t count) {
    Frames frames;
    while (frames.size() < count) {
      const auto* message = consumer.next(20s);
      if (message == nullptr) break;
      frames.insert({message->partition(), message->value().frame()});
    }
    return frames;
  };
  {
    Consumer<Image> consumer(config_, channel_, {.start_at = StartAt::kLatest});
    ASSERT_TRUE(eventually([&] { return consumer.counters().partitions == 1; }, 30s));
    write(0, 0, 3);
    EXPECT_EQ(take(consumer, 3), written_);
    consumer.done();
    consumer.close();
  }
  written_.clear();
  add_partitions(std::string(channel_.topic()), 2);
  write(1, 0, 5);
  Consumer<Image> consumer(config_, channel_, {.start_at = StartAt::kLatest});
  EXPECT_EQ(take(consumer, 5), written_);
}

TEST_F(AddedPartitions, AWorkerInTransactionsKeepsItsPlaceToo) {
  WorkerOptions options = kLatest;
  options.exactly_once = {.enabled = true, .instance = "0"};
  for (const int crash_attempts : {3, 0}) {
    options.crash_attempts = crash_attempts;
    Worker worker(config_, options);
    handle(worker);
    RunningWorker running(worker);
    ASSERT_TRUE(has(worker, 1));
    running.stop();
    write(0, crash_attempts * 10, crash_attempts * 10 + 5);
  }
  add_partitions(std::string(channel_.topic()), 2);
  write(1, 0, 5);
  Worker worker(config_, options);
  handle(worker);
  const RunningWorker running(worker);
  EXPECT_TRUE(all_handled()) << handled().size() << " of " << written_.size();
}

}  // namespace
}  // namespace conveyor::tests
