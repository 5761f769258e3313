// What becomes of records that cannot be handled: other attempts, dead letters, and what is committed meanwhile.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

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

const RetryOptions kQuick{.attempts = 3, .initial_backoff = 20ms, .max_backoff = 50ms};

std::string frame_bytes(int frame) {
  Image image;
  image.set_frame(frame);
  return zlib_compress(image.SerializeAsString());
}

/// What handlers saw, from any thread.
class Seen {
 public:
  void add(std::int64_t frame, int attempt) {
    const std::lock_guard lock(mutex_);
    all_.emplace_back(frame, attempt);
  }
  [[nodiscard]] std::vector<std::pair<std::int64_t, int>> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  [[nodiscard]] bool has(std::int64_t frame) const {
    const auto seen = all();
    return std::ranges::any_of(seen, [&](const auto& one) { return one.first == frame; });
  }
  [[nodiscard]] std::size_t count() const { return all().size(); }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::int64_t, int>> all_;
};

using Attempts = std::vector<std::pair<std::int64_t, int>>;

/// A channel with a topic for its dead letters.
Channel<Image> new_channel_with_dead_letters(int partitions, int dead_letter_partitions) {
  const auto channel = new_channel<Image>(partitions);
  create_topic(std::string(channel.topic()) + "-dlt", dead_letter_partitions);
  return channel;
}

std::string dead_letters_of(const Channel<Image>& channel) { return std::string(channel.topic()) + "-dlt"; }

TEST(Retry, ARecordIsTriedAgainAndThoseBehindItWait) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  write_raw(channel.topic(), {{.value = frame_bytes(1)}, {.value = frame_bytes(2)}, {.value = frame_bytes(3)}});
  Seen seen;
  Worker worker(config, {.threads = 3, .retry = kQuick});
  worker.handle(channel, [&](const Message<Image>& message, Context& context) {
    seen.add(message.value().frame(), context.attempt());
    if (message.value().frame() == 2 && context.attempt() < 3) throw RetryableError("not yet");
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return seen.count() == 5; }));
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 3; }));
  EXPECT_EQ(running.stop().handled, 3U);
  EXPECT_EQ(seen.all(), (Attempts{{1, 1}, {2, 1}, {2, 2}, {2, 3}, {3, 1}}));
  EXPECT_EQ(worker.counters().retries, 2U);
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 3);
}

TEST(Retry, OtherPartitionsGoOnMeanwhile) {
  const auto channel = new_channel<Image>(2);
  write_raw(channel.topic(), {{.value = frame_bytes(1), .partition = 0}, {.value = frame_bytes(2), .partition = 1}});
  Seen seen;
  std::atomic<bool> release{false};
  Worker worker(new_config(),
                {.threads = 1, .retry = {.attempts = 1'000'000, .initial_backoff = 10ms, .max_backoff = 10ms}});
  worker.handle(channel, [&](const Message<Image>& message, Context& context) {
    if (message.value().frame() == 1 && !release) throw RetryableError("not yet");
    seen.add(message.value().frame(), context.attempt());
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return seen.has(2); }));
  EXPECT_FALSE(seen.has(1));
  release = true;
  ASSERT_TRUE(eventually([&] { return seen.has(1); }));
}

TEST(Retry, OtherKeysGoOnMeanwhileWhenTheOrderIsByKey) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  write_raw(channel.topic(), {{.value = frame_bytes(1), .key = "a"},
                              {.value = frame_bytes(2), .key = "a"},
                              {.value = frame_bytes(3), .key = "b"}});
  Seen seen;
  std::atomic<bool> release{false};
  Worker worker(config, {.threads = 2,
                         .retry = {.attempts = 1'000'000, .initial_backoff = 10ms, .max_backoff = 10ms},
                         .order = Order::kKey});
  worker.handle(channel, [&](const Message<Image>& message, Context& context) {
    if (message.value().frame() == 1 && !release) throw RetryableError("not yet");
    seen.add(message.value().frame(), context.attempt());
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return seen.has(3); }));
  EXPECT_FALSE(seen.has(2));  // behind 1, whose key it has
  EXPECT_LE(committed_offset(config.group, channel.topic(), 0), 0);
  release = true;
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 3; }));
  running.stop();
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 3);
}

TEST(Retry, WhatWasFinishedOutOfOrderDoesNotComeAgainAfterARestart) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  write_raw(channel.topic(), {{.value = frame_bytes(1), .key = "a"},
                              {.value = frame_bytes(2), .key = "b"},
                              {.value = frame_bytes(3), .key = "a"},
                              {.value = frame_bytes(4), .key = "c"}});
  Seen seen;
  Worker worker(
      config, {.threads = 2,
               .retry = {.attempts = 1'000'000, .initial_backoff = 600s, .max_backoff = 600s, .retry_timeout = 3'600s},
               .order = Order::kKey});
  worker.handle(channel, [&](const Message<Image>& message, Context& context) {
    if (message.value().frame() == 1) throw RetryableError("not yet");
    seen.add(message.value().frame(), context.attempt());
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 2 && worker.counters().retries == 1; }));
  EXPECT_EQ(running.stop().left, 2U);
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 0);

  Worker next(config, {.order = Order::kKey});
  Seen again;
  next.handle(channel, [&](const Message<Image>& message) { again.add(message.value().frame(), 1); });
  RunningWorker running_again(next);
  ASSERT_TRUE(eventually([&] { return again.has(1) && again.has(3); }));
  running_again.stop();
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 4);
  EXPECT_FALSE(again.has(2));
  EXPECT_FALSE(again.has(4));
}

TEST(Retry, AStopEndsTheWaitAtOnceAndTheRecordComesAgain) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  write_raw(channel.topic(), {{.value = frame_bytes(1)}, {.value = frame_bytes(2)}});
  Seen seen;
  Worker worker(config,
                {.retry = {.attempts = 5, .initial_backoff = 600s, .max_backoff = 600s, .retry_timeout = 3'600s}});
  worker.handle(channel, [&](const Message<Image>& message, Context& context) {
    seen.add(message.value().frame(), context.attempt());
    if (message.value().frame() == 2) throw RetryableError("not yet");
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().retries == 1; }));
  RunReport report;
  EXPECT_LT(time_of([&] { report = running.stop(); }), 5s);
  EXPECT_EQ(report.handled, 1U);
  EXPECT_EQ(report.left, 1U);
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 1);

  Worker next(config);
  Seen again;
  next.handle(channel, [&](const Message<Image>& message) { again.add(message.value().frame(), 1); });
  RunningWorker running_next(next);
  ASSERT_TRUE(eventually([&] { return again.count() == 1; }));
  EXPECT_TRUE(again.has(2));
}

TEST(Retry, APolicyMayWidenWhatIsTriedAgain) {
  const auto channel = new_channel<Image>();
  write_raw(channel.topic(), {{.value = frame_bytes(1)}});
  RetryOptions retry = kQuick;
  retry.also = [](const std::exception& error) { return dynamic_cast<const std::logic_error*>(&error) != nullptr; };
  Seen seen;
  Worker worker(new_config(), {.retry = retry});
  worker.handle(channel, [&](const Message<Image>&, Context& context) {
    seen.add(1, context.attempt());
    if (context.attempt() == 1) throw std::logic_error("once");
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 1; }));
  EXPECT_EQ(seen.all(), (Attempts{{1, 1}, {1, 2}}));
}

TEST(DeadLetter, ARecordWhoseAttemptsAreUsedUpIsWrittenAsItCame) {
  const auto channel = new_channel_with_dead_letters(2, 2);
  Config config = new_config();
  config.service = "labeller";
  const RawRecord poison{
      .value = frame_bytes(2), .key = "camera-7", .headers = {{"a", "1"}, {"a", "2"}}, .partition = 1};
  write_raw(channel.topic(),
            {{.value = frame_bytes(1), .partition = 1}, poison, {.value = frame_bytes(3), .partition = 1}});
  Seen seen;
  Worker worker(config, {.retry = kQuick, .dead_letter = {.enabled = true}});
  worker.handle(channel, [&](const Message<Image>& message, Context& context) {
    seen.add(message.value().frame(), context.attempt());
    if (message.value().frame() == 2) throw RetryableError("never");
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 3; }));
  const RunReport report = running.stop();
  EXPECT_EQ(report.handled, 3U);
  EXPECT_EQ(report.dead_lettered, 1U);
  EXPECT_EQ(seen.all(), (Attempts{{1, 1}, {2, 1}, {2, 2}, {2, 3}, {3, 1}}));
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 1), 3);

  const auto letters = read_raw(dead_letters_of(channel), 2, 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].value, poison.value);
  EXPECT_EQ(letters[0].key, poison.key);
  EXPECT_EQ(letters[0].partition, 1);
  ASSERT_GE(letters[0].headers.size(), 2U);
  EXPECT_EQ(letters[0].headers[0].value, "1");
  EXPECT_EQ(letters[0].headers[1].value, "2");
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-topic"), std::string(channel.topic()));
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-partition"), "1");
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-offset"), "1");
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-group"), config.group);
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-stage"), "handler");
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-attempts"), "3");
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-service"), "labeller");
  EXPECT_TRUE(contains(header(letters[0].headers, "conveyor-dlt-error").value_or(""), "never"));
}

TEST(DeadLetter, WhatIsNotAskedToBeTriedAgainGoesThereAtOnce) {
  const auto channel = new_channel_with_dead_letters(1, 1);
  write_raw(channel.topic(), {{.value = frame_bytes(1)}});
  Worker worker(new_config(), {.retry = kQuick, .dead_letter = {.enabled = true}});
  std::atomic<int> calls{0};
  worker.handle(channel, [&](const Message<Image>&) {
    ++calls;
    throw std::runtime_error("broken");
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().dead_letters == 1; }));
  EXPECT_EQ(calls, 1);
  const auto letters = read_raw(dead_letters_of(channel), 1, 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-attempts"), "1");
  EXPECT_TRUE(contains(header(letters[0].headers, "conveyor-dlt-error").value_or(""), "broken"));
}

TEST(DeadLetter, AnUndecodableRecordIsNeverHandledAndGoesThereAsItCame) {
  const auto channel = new_channel_with_dead_letters(1, 1);
  const std::string garbage("\x00\xff not zlib", 11);
  write_raw(channel.topic(), {{.value = garbage}, {.value = frame_bytes(2)}});
  Seen seen;
  Worker worker(new_config(), {.dead_letter = {.enabled = true}});
  worker.handle(channel, [&](const Message<Image>& message) { seen.add(message.value().frame(), 1); });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 2; }));
  EXPECT_EQ(seen.all(), (Attempts{{2, 1}}));
  const auto letters = read_raw(dead_letters_of(channel), 1, 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].value, garbage);
  EXPECT_EQ(letters[0].key, std::nullopt);
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-stage"), "decode");
}

TEST(DeadLetter, GoesToAnyPartitionWhereItsOwnDoesNotExist) {
  const auto channel = new_channel_with_dead_letters(3, 1);
  write_raw(channel.topic(), {{.value = "garbage", .key = "k", .partition = 2}});
  Worker worker(new_config(), {.dead_letter = {.enabled = true}});
  worker.handle(channel, [](const Message<Image>&) {});
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().dead_letters == 1; }));
  const auto letters = read_raw(dead_letters_of(channel), 1, 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-partition"), "2");
}

TEST(DeadLetter, OfATombstoneIsATombstone) {
  const auto channel = new_channel_with_dead_letters(1, 1);
  write_raw(channel.topic(), {{.key = "k"}});
  Worker worker(new_config(), {.tombstones = true, .dead_letter = {.enabled = true}});
  worker.handle(channel, [](const Message<Image>& message) { (void)message.value(); });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().dead_letters == 1; }));
  const auto letters = read_raw(dead_letters_of(channel), 1, 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].value, std::nullopt);
  EXPECT_EQ(letters[0].key, "k");
}

TEST(DeadLetter, OnePercentOfPoisonInEqualsOutPlusDeadLettersInOrder) {
  constexpr int kRecords = 5'000;
  constexpr int kPartitions = 3;
  const auto channel = new_channel_with_dead_letters(kPartitions, kPartitions);
  std::vector<RawRecord> records;
  std::map<std::pair<int, std::int64_t>, std::string> poison;  // by partition and offset
  std::vector<std::int64_t> next(kPartitions, 0);
  for (int i = 0; i < kRecords; ++i) {
    const int partition = i % kPartitions;
    std::string value = frame_bytes(i);
    const std::int64_t offset = next[static_cast<std::size_t>(partition)]++;
    if (i % 100 == 17) value = "undecodable " + std::to_string(i);
    if (i % 100 == 17 || i % 100 == 57) poison[{partition, offset}] = value;
    records.push_back({.value = value, .partition = partition});
  }
  write_raw(channel.topic(), records);
  std::mutex mutex;
  std::map<std::int32_t, std::vector<std::int64_t>> handled;
  Worker worker(new_config(), {.threads = 3, .retry = kQuick, .dead_letter = {.enabled = true}});
  worker.handle(channel, [&](const Message<Image>& message) {
    if (message.value().frame() % 100 == 57) throw std::runtime_error("always fails");
    const std::lock_guard lock(mutex);
    handled[message.partition()].push_back(message.value().frame());
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == kRecords; }, 60s));
  running.stop();

  std::set<std::int64_t> distinct;
  for (const auto& [partition, frames] : handled) {
    EXPECT_TRUE(std::ranges::is_sorted(frames)) << "partition " << partition;
    distinct.insert(frames.begin(), frames.end());
  }
  EXPECT_EQ(distinct.size(), kRecords - poison.size());
  const auto letters = read_raw(dead_letters_of(channel), kPartitions, poison.size());
  ASSERT_EQ(letters.size(), poison.size());
  for (const RawRecord& letter : letters) {
    const auto offset = std::stoll(header(letter.headers, "conveyor-dlt-offset").value_or("-1"));
    EXPECT_EQ(letter.value, poison.at({letter.partition, offset}));
  }
}

}  // namespace
}  // namespace conveyor::tests
