// What is put around all handlers of a worker.

#include "conveyor/middleware.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

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

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";

std::string frame_bytes(int frame) {
  Image image;
  image.set_frame(frame);
  return zlib_compress(image.SerializeAsString());
}

/// What happened, in order, from any thread.
class Story {
 public:
  void add(std::string what) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(what));
  }
  [[nodiscard]] std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

/// Says when it is entered and left.
Middleware telling(Story& story, const std::string& name) {
  return [&story, name](RecordHandler next) -> RecordHandler {
    return [&story, name, next = std::move(next)](const Record& record, Context& context) {
      story.add(name + " before " + std::to_string(record.offset));
      next(record, context);
      story.add(name + " after " + record.key.value_or(""));
    };
  };
}

class MiddlewareTest : public testing::Test {
 protected:
  [[nodiscard]] std::string dead_letters() const { return std::string(input.topic()) + "-dlt"; }

  const Channel<Image> input = new_channel<Image>();
  const Config config = new_config();
  const RetryOptions quick{.attempts = 3, .initial_backoff = 20ms, .max_backoff = 50ms};
};

TEST_F(MiddlewareTest, TheFirstUsedIsTheOutermostAroundEachAttempt) {
  write_raw(input.topic(), {{.value = frame_bytes(7), .key = "camera-1"}});
  Story story;
  Worker worker(config, {.retry = quick});
  worker.use(telling(story, "outer"));
  worker.handle(input, [&](const Message<Image>& message, Context& context) {
    story.add("handler " + std::to_string(message.value().frame()));
    if (context.attempt() == 1) throw RetryableError("not yet");
  });
  worker.use(telling(story, "inner"));
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 1; }));
  EXPECT_EQ(story.all(),
            (std::vector<std::string>{"outer before 0", "inner before 0", "handler 7", "outer before 0",
                                      "inner before 0", "handler 7", "inner after camera-1", "outer after camera-1"}));
}

TEST_F(MiddlewareTest, ADecodeErrorThatIsCaughtCountsAsHandled) {
  write_raw(input.topic(), {{.value = "garbage"}, {.value = frame_bytes(2)}});
  Story story;
  Worker worker(config);  // without dead letters
  worker.use([&](RecordHandler next) -> RecordHandler {
    return [&story, next](const Record& record, Context& context) {
      try {
        next(record, context);
      } catch (const DecodeError& error) {
        story.add(error.what());
      }
    };
  });
  worker.handle(input, [&](const Message<Image>& message) { story.add(std::to_string(message.value().frame())); });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 2; }));
  EXPECT_EQ(running.stop().handled, 2U);
  ASSERT_EQ(story.all().size(), 2U);
  EXPECT_TRUE(contains(story.all()[0], std::string(input.topic()) + " [0] at offset 0 cannot be decoded"));
  EXPECT_EQ(story.all()[1], "2");
  EXPECT_EQ(worker.counters().decode_errors, 1U);
  EXPECT_EQ(worker.counters().handler_errors, 0U);
  EXPECT_EQ(committed_offset(config.group, input.topic(), 0), 2);
}

TEST_F(MiddlewareTest, ADecodeErrorThatIsLetThroughIsTheRecordsAndOneOfTheHandlerIsTheHandlers) {
  create_topic(dead_letters(), 1);
  write_raw(input.topic(), {{.value = "garbage"}, {.value = frame_bytes(2)}});
  Story story;
  Worker worker(config, {.retry = quick, .dead_letter = {.enabled = true}});
  worker.use(telling(story, "middleware"));
  worker.handle(input, [&](const Message<Image>&) { throw DecodeError("the image is broken"); });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().dead_letters == 2; }));
  EXPECT_EQ(story.all(), (std::vector<std::string>{"middleware before 0", "middleware before 1"}));
  EXPECT_EQ(worker.counters().handler_errors, 1U);
  const auto letters = read_raw(dead_letters(), 1, 2);
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[0].value, "garbage");
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-stage"), "decode");
  EXPECT_EQ(header(letters[1].headers, "conveyor-dlt-stage"), "handler");
  EXPECT_TRUE(contains(header(letters[1].headers, "conveyor-dlt-error").value_or(""), "the image is broken"));
}

TEST_F(MiddlewareTest, WithoutDeadLettersAnUndecodableRecordStopsTheWorkerAsEver) {
  write_raw(input.topic(), {{.value = frame_bytes(1)}, {.value = "garbage"}});
  Story story;
  Worker worker(config);
  worker.use(telling(story, "middleware"));
  worker.handle(input, [&](const Message<Image>&) {});
  RunningWorker running(worker);
  const Thrown thrown = thrown_by([&] { running.end(); });
  EXPECT_EQ(thrown.code, errc::decode);
  EXPECT_TRUE(contains(thrown.text, std::string(input.topic()) + " [0] at offset 1"));
  EXPECT_EQ(committed_offset(config.group, input.topic(), 0), 1);
}

TEST_F(MiddlewareTest, WhatItThrowsIsAsIfTheHandlerHad) {
  create_topic(dead_letters(), 1);
  write_raw(input.topic(), {{.value = frame_bytes(1), .headers = {{"token", "late"}}},
                            {.value = frame_bytes(2), .headers = {{"token", "wrong"}}},
                            {.value = frame_bytes(3)}});
  Story story;
  Worker worker(config, {.retry = quick, .dead_letter = {.enabled = true}});
  worker.use([](RecordHandler next) -> RecordHandler {
    return [next](const Record& record, Context& context) {
      const auto token = header(record.headers, "token");
      if (token == "wrong") throw std::runtime_error("no access");
      if (token == "late" && context.attempt() == 1) throw RetryableError("ask again");
      next(record, context);
    };
  });
  worker.handle(input, [&](const Message<Image>& message) { story.add(std::to_string(message.value().frame())); });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 3; }));
  EXPECT_EQ(running.stop().dead_lettered, 1U);
  EXPECT_EQ(story.all(), (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(worker.counters().retries, 1U);
  const auto letters = read_raw(dead_letters(), 1, 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-stage"), "handler");
  EXPECT_TRUE(contains(header(letters[0].headers, "conveyor-dlt-error").value_or(""), "no access"));
}

TEST_F(MiddlewareTest, CountsAndTimesTheHandlersOfAllChannelsAndMayLeaveRecordsOut) {
  const auto other = new_channel<Prediction>(1, {.codec = Codec::kRaw});
  Prediction prediction;
  prediction.add_object("dog");
  write_raw(other.topic(), {{.value = prediction.SerializeAsString()}});
  write_raw(input.topic(), {{.value = frame_bytes(1)}, {.value = frame_bytes(2), .key = "skip"}, {.key = "deleted"}});
  struct Times {
    int count = 0;
    std::chrono::steady_clock::duration total{};
  };
  std::mutex mutex;
  std::map<std::string, Times> times;
  std::atomic<int> handled{0};
  Worker worker(config, {.threads = 2});
  worker.use([&](RecordHandler next) -> RecordHandler {
    return [&, next](const Record& record, Context& context) {
      const auto start = std::chrono::steady_clock::now();
      if (record.key != "skip") next(record, context);
      const std::lock_guard lock(mutex);
      auto& [count, total] = times[std::string(record.topic)];
      ++count;
      total += std::chrono::steady_clock::now() - start;
    };
  });
  worker.handle(input, [&](const Message<Image>&) { ++handled; });
  worker.handle(other, [&](const Message<Prediction>& message) { handled += message.value().object_size(); });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 4; }));
  running.stop();
  EXPECT_EQ(handled, 2);
  EXPECT_EQ(worker.counters().tombstones, 1U);
  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(times[std::string(input.topic())].count, 2) << "the tombstone was passed over before";
  EXPECT_EQ(times[std::string(other.topic())].count, 1);
  EXPECT_GT(times[std::string(other.topic())].total.count(), 0);
}

// The trace is known only once the record is decoded.
TEST_F(MiddlewareTest, ATraceThatOnlyTheMessageCarriesContinues) {
  const auto output = new_channel<Prediction>();
  Image image;
  image.mutable__message_data()->set_trace_id(kTrace);
  write_raw(input.topic(), {{.value = zlib_compress(image.SerializeAsString()), .key = "camera-1"}});
  Story story;
  Worker worker(config);
  worker.use(telling(story, "middleware"));
  worker.transform(input, output, [](const Message<Image>&) { return Prediction(); });
  RunningWorker running(worker);
  const auto records = read_raw(output.topic(), 1, 1);
  ASSERT_EQ(records.size(), 1U);
  Prediction prediction;
  ASSERT_TRUE(prediction.ParseFromString(zlib_uncompress(records[0].value.value_or(""))));
  EXPECT_EQ(prediction._message_data().trace_id(), kTrace);
  EXPECT_EQ(records[0].key, "camera-1");
}

TEST_F(MiddlewareTest, ThatReturnsNoHandlerEndsTheWorker) {
  Worker worker(config);
  worker.use([](const RecordHandler&) { return RecordHandler(); });
  worker.handle(input, [](const Message<Image>&) {});
  RunningWorker running(worker);
  const Thrown thrown = thrown_by([&] { running.end(); });
  EXPECT_EQ(thrown.code, errc::handler_failed);
  EXPECT_TRUE(contains(thrown.text, "Worker::use returned no handler"));
}

TEST(MiddlewareSettings, ItIsNotEmptyAndNotBesideBatchHandlers) {
  const auto channel = Channel<Image>::named("images");
  const auto same = [](RecordHandler next) { return next; };
  const auto batch_handler = [](std::span<BatchItem<Image>>) {};
  {
    Worker worker(new_config());
    EXPECT_EQ(thrown_by([&] { worker.use(Middleware()); }).code, errc::invalid_config);
    worker.use(same);
    const Thrown thrown = thrown_by([&] { worker.handle_batch(channel, batch_handler); });
    EXPECT_EQ(thrown.code, errc::invalid_config);
    EXPECT_TRUE(contains(thrown.text, "channel images has a batch handler"));
  }
  Worker worker(new_config());
  worker.handle_batch(channel, batch_handler);
  EXPECT_EQ(thrown_by([&] { worker.use(same); }).code, errc::invalid_config);
}

}  // namespace
}  // namespace conveyor::tests
