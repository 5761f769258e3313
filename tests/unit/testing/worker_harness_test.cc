#include "conveyor/testing/worker_harness.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/collecting_observer.h"
#include "support/errors.h"

namespace conveyor::testing {
namespace {

using namespace std::chrono_literals;
using tests::contains;
using tests::thrown_by;
using v1::Image;
using v1::Prediction;

inline constexpr Channel<Image> kImages{"images"};
inline constexpr Channel<Image> kRaw{"raw-images", {.codec = Codec::kRaw}};
inline constexpr Channel<Prediction> kPredictions{"predictions"};

Image frame(int number) {
  Image image;
  image.set_frame(number);
  return image;
}

Prediction prediction_of(const Image& image) {
  Prediction prediction;
  prediction.set_frame(image.frame());
  return prediction;
}

class WorkerHarnessTest : public ::testing::Test {
 protected:
  Config config() {
    Config config;
    config.bootstrap_servers = "127.0.0.1:1";  // nobody is asked
    config.group = "readers";
    config.service = "reader";
    config.observer = observer;
    return config;
  }

  std::shared_ptr<tests::CollectingObserver> observer = std::make_shared<tests::CollectingObserver>();
};

TEST_F(WorkerHarnessTest, DecodesHandlesEncodesAndCommits) {
  Worker worker{config()};
  worker.transform(kImages, kPredictions, prediction_of);
  WorkerHarness harness{worker};
  EXPECT_EQ(harness.committed(kImages), std::nullopt);
  harness.give(kImages, frame(7), {.key = "camera-1", .headers = {{"shift", "night"}}});
  ASSERT_EQ(harness.sent(kPredictions).size(), 1U);
  EXPECT_EQ(harness.sent(kPredictions)[0].frame(), 7);
  EXPECT_EQ(harness.sent(kPredictions)[0]._message_data().sending_service(), "reader") << "stamped";
  EXPECT_EQ(harness.sent_records("predictions")[0].key, "camera-1") << "the input's";
  EXPECT_EQ(harness.sent_records("predictions")[0].value->substr(0, 1), "\x78") << "a zlib stream";
  EXPECT_EQ(harness.committed(kImages), 1);
  EXPECT_EQ(harness.counters().handled, 1U);
  EXPECT_TRUE(harness.dead_letters().empty());
  EXPECT_EQ(harness.waited(), 0ms);
}

TEST_F(WorkerHarnessTest, ShowsTheRecordToTheHandler) {
  Worker worker{config()};
  worker.handle(kImages, [](const Message<Image>& message, Context& context) {
    EXPECT_EQ(message.key(), "camera-1");
    EXPECT_EQ(context.key(), "camera-1");
    EXPECT_EQ(message.partition(), 3);
    EXPECT_EQ(message.topic(), "images");
    EXPECT_EQ(message.record().headers[0].value, "night");
    EXPECT_EQ(message.metadata().partition, 3);
  });
  WorkerHarness harness{worker};
  harness.give(kImages, frame(7), {.key = "camera-1", .headers = {{"shift", "night"}}, .partition = 3});
  EXPECT_EQ(harness.counters().handled, 1U);
  EXPECT_EQ(harness.committed(kImages, 3), 1);
  EXPECT_EQ(harness.committed(kImages, 0), std::nullopt);
}

TEST_F(WorkerHarnessTest, TriesAgainWithoutWaiting) {
  Worker worker{config(), {.retry = {.attempts = 4, .initial_backoff = 1min, .max_backoff = 1h, .retry_timeout = 24h}}};
  int calls = 0;
  worker.handle(kImages, [&](const Image&, Context& context) {
    EXPECT_EQ(context.attempt(), ++calls);
    if (calls < 4) throw RetryableError("busy");
  });
  WorkerHarness harness{worker};
  const auto began = std::chrono::steady_clock::now();
  harness.give(kImages, frame(1));
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(harness.counters().retries, 3U);
  EXPECT_GE(harness.waited(), 3min) << "at least half of 1, 2 and 4 minutes";
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1min);
  EXPECT_EQ(harness.committed(kImages), 1);
}

TEST_F(WorkerHarnessTest, WhatAttemptsDoNotHelpIsADeadLetter) {
  Worker worker{config(), {.retry = {.attempts = 2}, .dead_letter = {.enabled = true}}};
  worker.handle(kImages, [](const Image&) { throw RetryableError("busy for good"); });
  WorkerHarness harness{worker};
  harness.give(kImages, frame(7), {.key = "camera-1", .headers = {{"shift", "night"}}, .partition = 2});
  const auto letters = harness.dead_letters();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].topic, "images-dlt");
  EXPECT_EQ(letters[0].partition, 2);
  EXPECT_EQ(letters[0].origin.topic, "images");
  EXPECT_EQ(letters[0].origin.partition, 2);
  EXPECT_EQ(letters[0].origin.offset, 0);
  EXPECT_EQ(letters[0].stage, DeadLetterStage::kHandler);
  EXPECT_EQ(letters[0].attempts, 2);
  EXPECT_TRUE(contains(letters[0].error, "busy for good"));
  EXPECT_EQ(letters[0].key, "camera-1");
  EXPECT_EQ(letters[0].headers.at(0).value, "night");
  EXPECT_EQ(harness.committed(kImages, 2), 1);
}

TEST_F(WorkerHarnessTest, WhatCannotBeDecodedIsADeadLetter) {
  Worker worker{config(), {.dead_letter = {.enabled = true}}};
  worker.handle(kImages, [](const Image&) { FAIL() << "it is not called"; });
  WorkerHarness harness{worker};
  harness.give_bytes(kImages, "garbage");
  harness.give_bytes(kImages, "");
  ASSERT_EQ(harness.dead_letters().size(), 2U);
  EXPECT_EQ(harness.dead_letters()[0].stage, DeadLetterStage::kDecode);
  EXPECT_EQ(harness.dead_letters()[0].value, "garbage");
  EXPECT_EQ(harness.counters().decode_errors, 2U);
  EXPECT_EQ(harness.committed(kImages), 2);
}

TEST_F(WorkerHarnessTest, AMessageOfAnotherTypeCannotBeDecoded) {
  static constexpr Channel<Prediction> kPredictionsAsRaw{"raw-images", {.codec = Codec::kRaw}};
  Worker worker{config(), {.dead_letter = {.enabled = true}}};
  worker.handle(kRaw, [](const Image&) { FAIL() << "it is not called"; });
  WorkerHarness harness{worker};
  harness.give_bytes(kPredictionsAsRaw, "\xff\xff");
  EXPECT_EQ(harness.dead_letters().at(0).stage, DeadLetterStage::kDecode);
}

TEST_F(WorkerHarnessTest, WithoutDeadLettersItEndsTheWorker) {
  Worker worker{config()};
  worker.handle(kImages, [](const Image&) { throw std::runtime_error("no idea"); });
  WorkerHarness harness{worker};
  const auto thrown = thrown_by([&] { harness.give(kImages, frame(1)); });
  EXPECT_EQ(thrown.code, errc::handler_failed);
  EXPECT_TRUE(contains(thrown.text, "record images [0] at offset 0")) << thrown.text;
  EXPECT_TRUE(contains(thrown.text, "no idea")) << thrown.text;
  EXPECT_EQ(harness.committed(kImages).value_or(0), 0);
  EXPECT_EQ(thrown_by([&] { harness.give(kImages, frame(1)); }).code, errc::handler_failed) << "it has ended";
}

TEST_F(WorkerHarnessTest, HandlersMayHaveRetriesAndDeadLettersOfTheirOwn) {
  Worker worker{config(), {.retry = {.attempts = 5}, .dead_letter = {.enabled = true}}};
  std::map<std::string, int, std::less<>> calls;
  const auto fails = [&](const Message<Image>& message) {
    ++calls[std::string(message.topic())];
    throw std::out_of_range("no such row");
  };
  worker.handle(kImages, fails,
                {.retry = RetryOptions{.attempts = 3, .also = RetryOptions::on<std::logic_error>()},
                 .dead_letter = DeadLetterOptions{.enabled = true, .topic_suffix = ".failed"}});
  worker.handle(kRaw, fails);
  WorkerHarness harness{worker};
  harness.give(kImages, frame(1));
  harness.give(kRaw, frame(2));
  EXPECT_EQ(calls["images"], 3);
  EXPECT_EQ(calls["raw-images"], 1) << "others take a logic_error for final";
  ASSERT_EQ(harness.dead_letters().size(), 2U);
  EXPECT_EQ(harness.dead_letters()[0].topic, "images.failed");
  EXPECT_EQ(harness.dead_letters()[0].attempts, 3);
  EXPECT_EQ(harness.dead_letters()[1].topic, "raw-images-dlt");
}

TEST_F(WorkerHarnessTest, OneHandlerMayDoWithoutDeadLetters) {
  Worker worker{config(), {.dead_letter = {.enabled = true}}};
  const auto fails = [](const Image&) { throw std::runtime_error("no idea"); };
  worker.handle(kImages, fails, {.dead_letter = DeadLetterOptions{}});
  worker.handle(kRaw, fails);
  WorkerHarness harness{worker};
  harness.give(kRaw, frame(1));
  EXPECT_EQ(harness.dead_letters().size(), 1U);
  EXPECT_EQ(thrown_by([&] { harness.give(kImages, frame(1)); }).code, errc::handler_failed);
}

TEST_F(WorkerHarnessTest, MiddlewareIsAroundEachAttempt) {
  Worker worker{config()};
  std::vector<std::string> story;
  worker.use([&](const RecordHandler& next) -> RecordHandler {
    return [&story, next](const Record& record, Context& context) {
      story.push_back("before " + std::to_string(context.attempt()));
      if (record.key == "skip") return;
      next(record, context);
      story.emplace_back("after");
    };
  });
  worker.handle(kImages, [&](const Image&, Context& context) {
    story.emplace_back("handled");
    if (context.attempt() == 1) throw RetryableError("busy");
  });
  WorkerHarness harness{worker};
  harness.give(kImages, frame(1));
  harness.give(kImages, frame(2), {.key = "skip"});
  EXPECT_EQ(story, (std::vector<std::string>{"before 1", "handled", "before 2", "handled", "after", "before 1"}));
  EXPECT_EQ(harness.committed(kImages), 2);
}

TEST_F(WorkerHarnessTest, ABatchHandlerGetsWhatIsGivenTogether) {
  Worker worker{config(), {.dead_letter = {.enabled = true}}};
  std::vector<std::size_t> sizes;
  worker.transform_batch(kImages, kPredictions,
                         [&](std::span<BatchItem<Image, Prediction>> items) {
                           sizes.push_back(items.size());
                           for (auto& item : items) {
                             if (item.message().value().frame() == 2) {
                               item.fail(std::runtime_error("not this one"));
                             } else {
                               item.reply(prediction_of(item.message().value()));
                             }
                           }
                         },
                         {.max_batch = 4, .max_delay = 1h});
  WorkerHarness harness{worker};
  const std::vector<Image> images{frame(1), frame(2), frame(3), frame(4), frame(5)};
  harness.give_all(kImages, images);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 1}));
  EXPECT_EQ(harness.sent(kPredictions).size(), 4U);
  EXPECT_EQ(harness.dead_letters().size(), 1U);
  EXPECT_EQ(harness.committed(kImages), 5);
}

TEST_F(WorkerHarnessTest, KeepsTheOrderOfAPartitionThroughRetries) {
  Worker worker{config()};
  std::vector<int> seen;
  worker.handle(kImages, [&](const Image& image, Context& context) {
    if (image.frame() == 1 && context.attempt() < 3) throw RetryableError("busy");
    seen.push_back(image.frame());
  });
  WorkerHarness harness{worker};
  const std::vector<Image> images{frame(1), frame(2), frame(3)};
  harness.give_all(kImages, images);
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
}

TEST_F(WorkerHarnessTest, TombstonesArePassedOverUnlessAskedFor) {
  Worker worker{config()};
  worker.handle(kImages, [](const Image&) { FAIL() << "it is not called"; });
  WorkerHarness harness{worker};
  harness.give_bytes(kImages, std::nullopt, {.key = "gone"});
  EXPECT_EQ(harness.counters().tombstones, 1U);
  EXPECT_EQ(harness.committed(kImages), 1);

  int tombstones = 0;
  Worker asking{config(), {.tombstones = true}};
  asking.handle(kImages, [&](const Message<Image>& message) { tombstones += message.is_tombstone() ? 1 : 0; });
  WorkerHarness other{asking};
  other.give_bytes(kImages, std::nullopt, {.key = "gone"});
  EXPECT_EQ(tombstones, 1);
}

// The worker's own names with a prefix, as the brokers have them; a test's without.
TEST_F(WorkerHarnessTest, ChannelsAreNamedWithoutThePrefix) {
  Config prefixed = config();
  prefixed.topic_prefix = "dev.";
  Worker worker{prefixed, {.dead_letter = {.enabled = true}}};
  worker.transform(kImages, kPredictions, [](const Message<Image>& message) {
    EXPECT_EQ(message.topic(), "dev.images");
    if (message.value().frame() == 2) throw std::runtime_error("no idea");
    return prediction_of(message.value());
  });
  WorkerHarness harness{worker};
  harness.give(kImages, frame(1));
  harness.give(kImages, frame(2));
  EXPECT_EQ(harness.sent(kPredictions).size(), 1U);
  EXPECT_EQ(harness.dead_letters().at(0).topic, "dev.images-dlt");
  EXPECT_EQ(harness.committed(kImages), 2);
}

TEST_F(WorkerHarnessTest, WhatIsTooLargeToBeSentFails) {
  Config small = config();
  small.max_record_bytes = 2'000;
  Worker worker{small, {.dead_letter = {.enabled = true}}};
  worker.handle(kImages, [](const Image&, Context& context) {
    context.send(kRaw, [] {
      Image large;
      large.set_source(std::string(4'000, 'x'));
      return large;
    }());
  });
  WorkerHarness harness{worker};
  harness.give(kImages, frame(1));
  EXPECT_TRUE(contains(harness.dead_letters().at(0).error, "Config::max_record_bytes"));
}

TEST_F(WorkerHarnessTest, KnowsTheChannelsOfTheWorkerOnly) {
  Worker worker{config()};
  worker.handle(kImages, [](const Image&) {});
  WorkerHarness harness{worker};
  EXPECT_EQ(thrown_by([&] { harness.give(kRaw, frame(1)); }).code, errc::unknown_topic);
}

TEST_F(WorkerHarnessTest, SaysThatAHandlerCannotBeMade) {
  Worker worker{config()};
  worker.handle(kImages,
                per_thread([]() -> std::function<void(const Image&)> { throw std::runtime_error("no model"); }));
  const auto thrown = thrown_by([&] { WorkerHarness harness{worker}; });
  EXPECT_EQ(thrown.code, errc::handler_failed);
  EXPECT_TRUE(contains(thrown.text, "no model")) << thrown.text;
}

TEST_F(WorkerHarnessTest, EndsWhatIsTriedAgainForEver) {
  Worker worker{config(), {.retry = {.attempts = 1'000'000, .max_backoff = 1h, .retry_timeout = 240h}}};
  worker.handle(kImages, [](const Image&) { throw RetryableError("busy"); });
  WorkerHarness harness{worker};
  EXPECT_EQ(thrown_by([&] { harness.give(kImages, frame(1)); }).code, errc::timed_out);
}

TEST_F(WorkerHarnessTest, ExactlyOnceLooksTheSame) {
  Worker worker{config(), {.exactly_once = {.enabled = true, .instance = "0"}}};
  worker.transform(kImages, kPredictions, prediction_of);
  WorkerHarness harness{worker};
  harness.give(kImages, frame(7));
  EXPECT_EQ(harness.sent(kPredictions).at(0).frame(), 7);
  EXPECT_EQ(harness.committed(kImages), 1);
}

// More than a worker has in hand, or may begin beyond the committed offset.
TEST_F(WorkerHarnessTest, TakesManyAtOnce) {
  Worker worker{config(), {.order = Order::kUnordered}};
  worker.transform(kImages, kPredictions, prediction_of);
  WorkerHarness harness{worker};
  std::vector<Image> images;
  for (int i = 0; i < 1'500; ++i) images.push_back(frame(i));
  harness.give_all(kImages, images);
  EXPECT_EQ(harness.sent(kPredictions).size(), 1'500U);
  EXPECT_EQ(harness.committed(kImages), 1'500);
  harness.give(kImages, frame(1));
  EXPECT_EQ(harness.committed(kImages), 1'501);
}

}  // namespace
}  // namespace conveyor::testing
