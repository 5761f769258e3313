// Batch handlers: what comes together, and that each of it fails, is tried again and is committed by itself.

#include "conveyor/batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

using Item = BatchItem<Image, Prediction>;
using Items = std::span<Item>;
using Frames = std::vector<std::int64_t>;

std::string frame_bytes(std::int64_t frame) {
  Image image;
  image.set_frame(frame);
  return zlib_compress(image.SerializeAsString());
}

void write_frames(std::string_view topic, int first, int last, int partitions = 1) {
  std::vector<RawRecord> records;
  for (int i = first; i <= last; ++i) {
    records.push_back({.value = frame_bytes(i), .key = "camera-" + std::to_string(i % 5), .partition = i % partitions});
  }
  write_raw(topic, records);
}

std::int64_t frame_of(const auto& item) { return item.message().value().frame(); }

Prediction prediction_of(const Item& item) {
  Prediction prediction;
  prediction.set_frame(frame_of(item));
  return prediction;
}

std::int64_t frame_in(const RawRecord& record) {
  Prediction prediction;
  if (!prediction.ParseFromString(zlib_uncompress(record.value.value_or("")))) throw std::runtime_error("not the type");
  return prediction.frame();
}

/// The frames of the batches that a handler was called with, from any thread.
class Calls {
 public:
  void add(auto items) {
    Frames frames;
    for (const auto& item : items) frames.push_back(frame_of(item));
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(frames));
  }
  [[nodiscard]] std::vector<Frames> all() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  [[nodiscard]] Frames frames() const {
    Frames frames;
    for (const Frames& call : all()) frames.insert(frames.end(), call.begin(), call.end());
    return frames;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Frames> calls_;
};

Frames from_to(std::int64_t first, std::int64_t last) {
  Frames frames;
  for (auto i = first; i <= last; ++i) frames.push_back(i);
  return frames;
}

class Batch : public testing::Test {
 protected:
  void create_dead_letters() { create_topic(dead_letters(), 1); }
  [[nodiscard]] std::string dead_letters() const { return std::string(input.topic()) + "-dlt"; }
  /// The frames that were sent to the output, sorted.
  [[nodiscard]] Frames sent(std::size_t count) const {
    Frames frames;
    // One more than expected would be seen.
    for (const auto& record : read_raw(output.topic(), 1, count)) frames.push_back(frame_in(record));
    for (const auto& record : read_raw(output.topic(), 1, count + 1, 500ms)) {
      if (record.offset >= static_cast<std::int64_t>(count)) frames.push_back(frame_in(record));
    }
    std::ranges::sort(frames);
    return frames;
  }

  const Channel<Image> input = new_channel<Image>();
  const Channel<Prediction> output = new_channel<Prediction>();
  const Config config = new_config();
  const RetryOptions quick{.attempts = 3, .initial_backoff = 20ms, .max_backoff = 50ms};
};

TEST_F(Batch, IsAsLargeAsAllowedUnderLoadAndInTheOrderOfItsPartition) {
  write_frames(input.topic(), 1, 96);
  Calls calls;
  Worker worker(config, {.threads = 2});
  worker.transform_batch(input, output,
                         [&](Items items) {
                           calls.add(items);
                           for (Item& item : items) item.reply(prediction_of(item));
                         },
                         {.max_batch = 8, .max_delay = 30s});
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 96; }));
  EXPECT_EQ(running.stop().handled, 96U);
  const auto all = calls.all();
  EXPECT_EQ(all.size(), 12U);
  for (const Frames& call : all) EXPECT_EQ(call.size(), 8U);
  EXPECT_EQ(calls.frames(), from_to(1, 96));
  EXPECT_EQ(committed_offset(config.group, input.topic(), 0), 96);
  const auto records = read_raw(output.topic(), 1, 96);
  ASSERT_EQ(records.size(), 96U);
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(frame_in(records[i]), static_cast<std::int64_t>(i + 1));
    EXPECT_EQ(records[i].key, "camera-" + std::to_string((i + 1) % 5));
  }
}

TEST_F(Batch, WaitsForMoreNoLongerThanItsDelay) {
  std::atomic<bool> handled{false};
  Worker worker(config);
  worker.handle_batch(input, [&](std::span<BatchItem<Image>> items) { handled = items.size() == 1; },
                      {.max_batch = 4, .max_delay = 300ms});
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().partitions == 1; }));
  const auto taken = time_of([&] {
    write_frames(input.topic(), 1, 1);
    ASSERT_TRUE(eventually([&] { return handled.load(); }));
  });
  EXPECT_GE(taken, 300ms);
}

TEST_F(Batch, AnItemThatFailsGoesToTheDeadLettersAloneAndItsNeighboursAreHandledOnce) {
  create_dead_letters();
  write_frames(input.topic(), 1, 64);
  Calls calls;
  Worker worker(config, {.dead_letter = {.enabled = true}});
  worker.transform_batch(input, output, [&](Items items) {
    calls.add(items);
    for (Item& item : items) {
      item.reply(prediction_of(item));
      if (frame_of(item) % 10 == 3) item.fail(std::runtime_error("bad pixels"));
      if (frame_of(item) % 10 == 7) {
        try {
          throw std::logic_error("bad size");
        } catch (const std::exception&) {
          item.fail(std::current_exception());
        }
      }
    }
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 64; }));
  EXPECT_EQ(running.stop().dead_lettered, 13U);
  EXPECT_EQ(calls.frames(), from_to(1, 64));
  Frames good = from_to(1, 64);
  std::erase_if(good, [](auto frame) { return frame % 10 == 3 || frame % 10 == 7; });
  EXPECT_EQ(sent(good.size()), good);
  std::map<std::string, std::string> letters;  // by offset
  for (const auto& letter : read_raw(dead_letters(), 1, 13)) {
    letters[header(letter.headers, "conveyor-dlt-offset").value_or("")] =
        header(letter.headers, "conveyor-dlt-stage").value_or("") + ": " +
        header(letter.headers, "conveyor-dlt-error").value_or("");
  }
  ASSERT_EQ(letters.size(), 13U);
  EXPECT_TRUE(contains(letters["2"], "handler: "));
  EXPECT_TRUE(contains(letters["2"], "bad pixels"));
  EXPECT_TRUE(contains(letters["6"], "bad size"));
}

TEST_F(Batch, WhereTheHandlerThrowsEachItemIsHandledAloneSoThatABadOneFailsNoNeighbour) {
  create_dead_letters();
  write_frames(input.topic(), 1, 16);
  Calls calls;
  Worker worker(config, {.dead_letter = {.enabled = true}});
  worker.transform_batch(input, output,
                         [&](Items items) {
                           calls.add(items);
                           for (Item& item : items) {
                             item.reply(prediction_of(item));
                             if (frame_of(item) == 5)
                               item.fail(std::runtime_error("set before the throw, does not count"));
                           }
                           for (Item& item : items) {
                             if (frame_of(item) == 6) throw std::runtime_error("the network cannot take it");
                             if (frame_of(item) == 5 && items.size() == 1) item = Item(item.message(), item.context());
                           }
                         },
                         {.max_batch = 8, .max_delay = 30s});
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 16; }));
  EXPECT_EQ(running.stop().dead_lettered, 1U);
  const std::vector<Frames> expected{from_to(1, 8), {1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}, from_to(9, 16)};
  EXPECT_EQ(calls.all(), expected);
  Frames good = from_to(1, 16);
  std::erase_if(good, [](auto frame) { return frame == 5 || frame == 6; });  // 5 without a reply in the end
  EXPECT_EQ(sent(good.size()), good);
  const auto letters = read_raw(dead_letters(), 1, 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].value, frame_bytes(6));
}

TEST_F(Batch, AnItemToBeTriedAgainComesAloneAfterItsNeighboursAndBeforeWhatFollows) {
  write_frames(input.topic(), 1, 8);
  Calls calls;
  std::vector<int> attempts;
  Worker worker(config, {.threads = 1, .retry = quick});
  worker.transform_batch(input, output,
                         [&](Items items) {
                           calls.add(items);
                           for (Item& item : items) {
                             const std::int64_t frame = frame_of(item);
                             if (frame == 2 || frame == 4) attempts.push_back(item.context().attempt());
                             if (frame == 2 && item.context().attempt() < 3) {
                               item.fail(RetryableError("not yet"));
                             } else if (frame == 4 && item.context().attempt() < 2) {
                               item.fail(RetryableError("not yet"));
                             } else {
                               item.reply(prediction_of(item));
                             }
                           }
                         },
                         {.max_batch = 4, .max_delay = 30s});
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 8; }));
  EXPECT_EQ(running.stop().handled, 8U);
  EXPECT_EQ(calls.all(), (std::vector<Frames>{{1, 2, 3, 4}, {2}, {2}, {4}, {5, 6, 7, 8}}));
  EXPECT_EQ(attempts, (std::vector<int>{1, 1, 2, 3, 2}));
  EXPECT_EQ(worker.counters().retries, 3U);
  EXPECT_EQ(sent(8), from_to(1, 8));
  EXPECT_EQ(committed_offset(config.group, input.topic(), 0), 8);
}

TEST_F(Batch, UndecodableRecordsAndTombstonesAreSortedOutBefore) {
  create_dead_letters();
  write_raw(input.topic(), {{.value = "garbage"},
                            {.value = frame_bytes(1)},
                            {.key = "deleted"},
                            {.value = "more garbage"},
                            {.value = frame_bytes(2)},
                            {.value = frame_bytes(3)}});
  Calls calls;
  Worker worker(config, {.dead_letter = {.enabled = true}});
  worker.transform_batch(input, output,
                         [&](Items items) {
                           calls.add(items);
                           for (Item& item : items) item.reply(prediction_of(item));
                         },
                         {.max_batch = 6, .max_delay = 30s});
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 6; }));
  running.stop();
  EXPECT_EQ(calls.all(), (std::vector<Frames>{{1, 2, 3}}));
  EXPECT_EQ(worker.counters().tombstones, 1U);
  EXPECT_EQ(sent(3), from_to(1, 3));
  std::set<std::string> letters;
  for (const auto& letter : read_raw(dead_letters(), 1, 2)) {
    letters.insert(letter.value.value_or(""));
    EXPECT_EQ(header(letter.headers, "conveyor-dlt-stage"), "decode");
  }
  EXPECT_EQ(letters, (std::set<std::string>{"garbage", "more garbage"}));
  EXPECT_EQ(committed_offset(config.group, input.topic(), 0), 6);
}

TEST_F(Batch, AStopFinishesTheBatchInHandAndLeavesTheRestToTheNext) {
  write_frames(input.topic(), 1, 20);
  Calls calls;
  std::atomic<bool> in_hand{false};  // the second batch; before, a stop leaves it to the next worker too
  {
    Worker worker(config);
    worker.handle_batch(input,
                        [&](std::span<BatchItem<Image>> items) {
                          const auto& stop = items.front().context();
                          if (frame_of(items.front()) == 5) {
                            in_hand = true;
                            if (!eventually([&] { return stop.stop().stop_requested(); })) {
                              throw std::runtime_error("the stop did not arrive");
                            }
                          }
                          calls.add(items);
                        },
                        {.max_batch = 4, .max_delay = 30s});
    RunningWorker running(worker);
    ASSERT_TRUE(eventually([&] { return in_hand && worker.counters().received == 20; }));
    const RunReport report = running.stop();
    EXPECT_EQ(report.handled, 8U);
    EXPECT_EQ(report.left, 12U);
  }
  EXPECT_EQ(committed_offset(config.group, input.topic(), 0), 8);
  Worker next(config);
  next.handle_batch(input, [&](std::span<BatchItem<Image>> items) { calls.add(items); });
  RunningWorker running(next);
  ASSERT_TRUE(eventually([&] { return next.counters().handled == 12; }));
  EXPECT_EQ(calls.frames(), from_to(1, 20));
}

TEST_F(Batch, AStopDoesNotWaitForABatchToFillUp) {
  write_frames(input.topic(), 1, 3);
  Calls calls;
  Worker worker(config);
  worker.handle_batch(input, [&](std::span<BatchItem<Image>> items) { calls.add(items); },
                      {.max_batch = 8, .max_delay = 600s});
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().received == 3; }));
  RunReport report;
  EXPECT_LT(time_of([&] { report = running.stop(); }), 8s);
  EXPECT_EQ(report.handled + report.left, 3U);
  EXPECT_EQ(report.handled, calls.frames().size());
}

// Some of everything at once, on several threads: each input ends once, and those of a key in their order.
TEST_F(Batch, ByKeyEachInputIsDoneOnceAndEachKeyKeepsItsOrder) {
  constexpr int kCount = 1'000;
  const auto many = new_channel<Image>(2);
  write_frames(many.topic(), 0, kCount - 1, 2);
  struct Handler {
    std::thread::id thread = std::this_thread::get_id();
    std::atomic<int>* strangers;
    std::mutex* mutex;
    std::map<std::string, Frames>* begun;
    std::map<std::int64_t, int>* done;
    void operator()(std::span<BatchItem<Image>> items) {
      if (thread != std::this_thread::get_id()) ++*strangers;
      const std::lock_guard lock(*mutex);
      for (auto& item : items) {
        const auto& message = item.message();
        const std::int64_t frame = frame_of(item);
        if (item.context().attempt() == 1) {
          (*begun)[std::string(message.key().value()) + "/" + std::to_string(message.partition())].push_back(frame);
        }
        if (frame % 17 == 4 && item.context().attempt() == 1) {
          item.fail(RetryableError("not yet"));
        } else {
          ++(*done)[frame];
        }
      }
    }
  };
  std::atomic<int> strangers{0};
  std::mutex mutex;
  std::map<std::string, Frames> begun;
  std::map<std::int64_t, int> done;
  Worker worker(config, {.threads = 3, .retry = quick, .order = Order::kKey});
  worker.handle_batch(many, per_thread([&] {
                        return Handler{.strangers = &strangers, .mutex = &mutex, .begun = &begun, .done = &done};
                      }),
                      {.max_batch = 16, .max_delay = 2ms});
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == kCount; }, 60s));
  EXPECT_EQ(running.stop().left, 0U);
  EXPECT_EQ(done.size(), static_cast<std::size_t>(kCount));
  for (const auto& [frame, times] : done) EXPECT_EQ(times, 1) << "frame " << frame;
  EXPECT_EQ(begun.size(), 10U);
  for (const auto& [key, frames] : begun) EXPECT_TRUE(std::ranges::is_sorted(frames)) << key;
  EXPECT_EQ(strangers, 0);
}

TEST(BatchSettings, ABatchHasRecordsAndWaitsNoNegativeTime) {
  const auto channel = Channel<Image>::named("images");
  Worker worker(new_config());
  const auto handler = [](std::span<BatchItem<Image>>) {};
  for (const BatchOptions& options : {BatchOptions{.max_batch = 0}, BatchOptions{.max_delay = -1ms}}) {
    const Thrown thrown = thrown_by([&] { worker.handle_batch(channel, handler, options); });
    EXPECT_EQ(thrown.code, errc::invalid_config);
    EXPECT_TRUE(contains(thrown.text, "BatchOptions"));
  }
}

}  // namespace
}  // namespace conveyor::tests
