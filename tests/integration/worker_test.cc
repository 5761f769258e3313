// What services are written with: handlers, transforms, and what is committed when.

#include "conveyor/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Detection;
using v1::Image;
using v1::Prediction;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";

void send_frames(const Channel<Image>& channel, int first, int last, int partitions = 1) {
  Producer producer(new_config());
  for (int i = first; i <= last; ++i) {
    Image image;
    image.set_frame(i);
    producer.send(channel, image, {.key = "camera-" + std::to_string(i % 5), .partition = i % partitions});
  }
  ASSERT_EQ(producer.flush(20s).delivered, static_cast<std::uint64_t>(last - first + 1));
}

Prediction prediction_of(const Message<Image>& message) {
  Prediction prediction;
  prediction.set_frame(message.value().frame());
  prediction.add_object("person");
  return prediction;
}

template <class T>
T value_of(const RawRecord& record) {
  T message;
  if (!message.ParseFromString(zlib_uncompress(record.value.value_or("")))) throw std::runtime_error("not the type");
  return message;
}

/// The numbers of handled frames, from any thread.
class Frames {
 public:
  void add(std::int64_t frame) {
    const std::lock_guard lock(mutex_);
    frames_.push_back(frame);
  }
  [[nodiscard]] std::vector<std::int64_t> all() const {
    const std::lock_guard lock(mutex_);
    return frames_;
  }
  [[nodiscard]] std::size_t count() const { return all().size(); }

 private:
  mutable std::mutex mutex_;
  std::vector<std::int64_t> frames_;
};

TEST(WorkerHandle, HandlesAPartitionInOrderAndCommitsAtTheEnd) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  send_frames(channel, 1, 50);
  Frames frames;
  Worker worker(config, {.threads = 3});
  worker.handle(channel, [&](const Message<Image>& message) { frames.add(message.value().frame()); });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return frames.count() == 50; }));
  const RunReport report = running.stop();
  EXPECT_EQ(report.handled, 50U);
  EXPECT_EQ(report.left, 0U);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(frames.all()[i], static_cast<std::int64_t>(i + 1));
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 50);
  EXPECT_EQ(worker.counters().handled, 50U);
}

TEST(WorkerHandle, TakesSeveralChannelsOfDifferentTypes) {
  const auto images = new_channel<Image>();
  const auto detections = new_channel<Detection>(1, {.codec = Codec::kRaw});
  send_frames(images, 1, 3);
  {
    Producer producer(new_config());
    Detection detection;
    detection.set_label("dog");
    producer.send(detections, detection);
    producer.flush(20s);
  }
  std::atomic<int> seen_images{0};
  std::atomic<int> seen_dogs{0};
  Worker worker(new_config());
  worker.handle(images, [&](const Message<Image>&) { ++seen_images; });
  worker.handle(detections, [&](const Message<Detection>& message) { seen_dogs += message.value().label() == "dog"; });
  RunningWorker running(worker);
  EXPECT_TRUE(eventually([&] { return seen_images == 3 && seen_dogs == 1; }));
  EXPECT_EQ(running.stop().handled, 4U);
}

TEST(WorkerHandle, AChannelHasOneHandler) {
  const auto channel = Channel<Image>::named("images");
  Worker worker(new_config());
  worker.handle(channel, [](const Message<Image>&) {});
  const Thrown thrown = thrown_by([&] { worker.handle(channel, [](const Message<Image>&) {}); });
  EXPECT_EQ(thrown.code, errc::invalid_config);
  EXPECT_TRUE(contains(thrown.text, "images"));
}

TEST(WorkerTransform, KeepsKeyAndTrace) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const std::string traceparent = std::string("00-") + kTrace + "-b7ad6b7169203331-01";
  Image image;
  image.set_frame(9);
  write_raw(input.topic(), {{.value = zlib_compress(image.SerializeAsString()),
                             .key = "camera-3",
                             .headers = {{"traceparent", "00-11111111111111111111111111111111-2222222222222222-00"},
                                         {"traceparent", traceparent}}}});  // the last one wins
  Worker worker(new_config());
  worker.transform(input, output, prediction_of);
  RunningWorker running(worker);
  const auto records = read_raw(output.topic(), 1, 1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "camera-3");
  const auto prediction = value_of<Prediction>(records[0]);
  EXPECT_EQ(prediction.frame(), 9);
  EXPECT_EQ(prediction._message_data().trace_id(), kTrace);
  const std::string sent = header(records[0].headers, "traceparent").value_or("");
  EXPECT_EQ(sent.substr(0, 36), traceparent.substr(0, 36));
  EXPECT_NE(sent, traceparent) << "a span of its own";
}

// As MessageCorps sends it: no headers, the trace in the message.
TEST(WorkerTransform, ContinuesATraceThatOnlyTheMessageCarries) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const auto raw = new_channel<Detection>(1, {.codec = Codec::kRaw});
  Image image;
  image.mutable__message_data()->set_trace_id(kTrace);
  write_raw(input.topic(), {{.value = zlib_compress(image.SerializeAsString())}});
  Worker worker(new_config());
  worker.transform(input, output, [&](const Message<Image>& message, Context& context) {
    context.send(raw, Detection{});
    return prediction_of(message);
  });
  RunningWorker running(worker);
  const auto records = read_raw(output.topic(), 1, 1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(value_of<Prediction>(records[0])._message_data().trace_id(), kTrace);
  EXPECT_EQ(records[0].key, std::nullopt);
  const auto raws = read_raw(raw.topic(), 1, 1);
  ASSERT_EQ(raws.size(), 1U);
  ASSERT_EQ(raws[0].headers.size(), 1U) << "a raw channel carries a trace that continues, and no more";
  EXPECT_EQ(header(raws[0].headers, "traceparent").value_or("").substr(3, 32), kTrace);
}

TEST(WorkerTransform, AnEmptyOptionalSendsNothingAndIsDone) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>();
  const Config config = new_config();
  send_frames(input, 1, 6);
  Worker worker(config);
  worker.transform(input, output, [](const Message<Image>& message) -> std::optional<Prediction> {
    if (message.value().frame() % 2 == 1) return std::nullopt;
    return prediction_of(message);
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 6; }));
  EXPECT_EQ(running.stop().handled, 6U);
  const auto records = read_raw(output.topic(), 1, 4, 1s);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(value_of<Prediction>(records[0]).frame(), 2);
  EXPECT_EQ(value_of<Prediction>(records[2]).frame(), 6);
  EXPECT_EQ(committed_offset(config.group, input.topic(), 0), 6);
  EXPECT_EQ(worker.producer_counters().delivered, 3U);
}

TEST(WorkerContext, SendsToSeveralChannelsWithTheInputsKeyUnlessToldOtherwise) {
  const auto input = new_channel<Image>();
  const auto first = new_channel<Prediction>();
  const auto second = new_channel<Prediction>();
  send_frames(input, 1, 1);
  Worker worker(new_config());
  worker.handle(input, [&](const Message<Image>& message, Context& context) {
    EXPECT_EQ(context.attempt(), 1);
    context.send(first, prediction_of(message));
    context.send(second, prediction_of(message), {.key = "another"});
    context.send(second, prediction_of(message), {.key = "a third"});
  });
  RunningWorker running(worker);
  const auto inherited = read_raw(first.topic(), 1, 1);
  const auto named = read_raw(second.topic(), 1, 2);
  ASSERT_EQ(inherited.size(), 1U);
  ASSERT_EQ(named.size(), 2U);
  EXPECT_EQ(inherited[0].key, "camera-1");
  EXPECT_EQ(named[0].key, "another");
  EXPECT_EQ(named[1].key, "a third");
}

TEST(WorkerPerThread, MakesOneHandlerForEachThreadBeforeAnythingIsRead) {
  const auto channel = new_channel<Image>(4);
  send_frames(channel, 1, 200, 4);
  struct Handler {
    std::thread::id thread;
    Frames* frames;
    std::atomic<int>* strangers;
    void operator()(const Message<Image>& message) {
      if (thread != std::this_thread::get_id()) ++*strangers;
      frames->add(message.value().frame());
    }
  };
  Frames frames;
  std::atomic<int> made{0};
  std::atomic<int> strangers{0};
  Worker worker(new_config(), {.threads = 3});
  worker.handle(channel, per_thread([&] {
                  ++made;
                  return Handler{std::this_thread::get_id(), &frames, &strangers};
                }));
  RunningWorker running(worker);
  EXPECT_TRUE(eventually([&] { return frames.count() == 200; }));
  EXPECT_EQ(made, 3);
  EXPECT_EQ(strangers, 0);
}

TEST(WorkerPerThread, AHandlerThatCannotBeMadeEndsTheWorker) {
  const auto channel = new_channel<Image>();
  Worker worker(new_config(), {.threads = 2});
  worker.handle(channel, per_thread([]() -> void (*)(const Message<Image>&) {
                  throw std::runtime_error("the weights are missing");
                }));
  RunningWorker running(worker);
  const Thrown thrown = thrown_by([&] { running.end(); });
  EXPECT_EQ(thrown.code, errc::handler_failed);
  EXPECT_TRUE(contains(thrown.text, "the weights are missing"));
}

TEST(WorkerTombstones, ArePassedOverUnlessAskedFor) {
  const auto channel = new_channel<Image>();
  write_raw(channel.topic(), {{.key = "gone"}, {.value = zlib_compress(Image{}.SerializeAsString())}});
  {
    std::atomic<int> handled{0};
    Worker worker(new_config());
    worker.handle(channel, [&](const Message<Image>&) { ++handled; });
    RunningWorker running(worker);
    EXPECT_TRUE(eventually([&] { return worker.counters().handled == 2; }));
    EXPECT_EQ(handled, 1);
    EXPECT_EQ(worker.counters().tombstones, 1U);
  }
  std::atomic<int> deleted{0};
  Worker worker(new_config(), {.tombstones = true});
  worker.handle(channel, [&](const Message<Image>& message) { deleted += message.is_tombstone() ? 1 : 0; });
  RunningWorker running(worker);
  EXPECT_TRUE(eventually([&] { return worker.counters().handled == 2; }));
  EXPECT_EQ(deleted, 1);
}

TEST(WorkerStop, FinishesWhatIsBegunAndLeavesTheRestToTheNext) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  send_frames(channel, 1, 20);
  Frames frames;
  {
    Worker worker(config);
    worker.handle(channel, [&](const Message<Image>& message, Context& context) {
      if (message.value().frame() == 5 && !eventually([&] { return context.stop().stop_requested(); })) {
        throw std::runtime_error("the stop did not arrive");
      }
      frames.add(message.value().frame());
    });
    RunningWorker running(worker);
    ASSERT_TRUE(eventually([&] { return frames.count() == 4 && worker.counters().received == 20; }));
    const RunReport report = running.stop();
    EXPECT_EQ(report.handled, 5U);
    EXPECT_EQ(report.left, 15U);
  }
  EXPECT_EQ(frames.count(), 5U);
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 5);
  Worker next(config);
  next.handle(channel, [&](const Message<Image>& message) { frames.add(message.value().frame()); });
  RunningWorker running(next);
  EXPECT_TRUE(eventually([&] { return frames.count() == 20; }));
  const std::vector<std::int64_t> all = frames.all();
  EXPECT_EQ(std::set<std::int64_t>(all.begin(), all.end()).size(), 20U) << "none twice";
}

TEST(WorkerStop, DoesNotWaitLongerThanItsDeadlineForAHandler) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  send_frames(channel, 1, 1);
  std::atomic<bool> begun{false};
  Worker worker(config, {.drain_timeout = 500ms});
  worker.handle(channel, [&](const Message<Image>&, Context& context) {
    begun = true;
    // A handler that minds its token gives up by throwing.
    if (eventually([&] { return context.stop().stop_requested(); })) throw std::runtime_error("told to give up");
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return begun.load(); }));
  RunReport report;
  EXPECT_LT(time_of([&] { report = running.stop(); }), 8s);
  EXPECT_EQ(report.handled, 0U);
  EXPECT_EQ(report.left, 1U);
  EXPECT_LE(committed_offset(config.group, channel.topic(), 0), 0);
}

TEST(WorkerFailure, NamesTheRecordWhichComesAgainToTheNextWorker) {
  const auto channel = new_channel<Image>(2);
  Config config = new_config();
  const auto observer = std::make_shared<CollectingObserver>();
  config.observer = observer;
  {
    Producer producer(config);
    for (int i = 0; i < 10; ++i) {
      Image image;
      image.set_frame(i);
      producer.send(channel, image, {.partition = 1});
    }
    producer.flush(20s);
  }
  Frames frames;
  {
    Worker worker(config, {.threads = 2});
    worker.handle(channel, [&](const Message<Image>& message) {
      if (message.value().frame() == 6) throw std::runtime_error("the model is confused");
      frames.add(message.value().frame());
    });
    RunningWorker running(worker);
    const Thrown thrown = thrown_by([&] { running.end(); });
    EXPECT_EQ(thrown.code, errc::handler_failed);
    EXPECT_TRUE(contains(thrown.text, std::string(channel.topic()) + " [1] at offset 6"));
    EXPECT_TRUE(contains(thrown.text, "the model is confused"));
    EXPECT_EQ(worker.counters().handler_errors, 1U);
  }
  EXPECT_EQ(frames.all(), (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 1), 6);
  const auto failures = observer->events(Event::Kind::kHandlerFailed);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].offset, 6);

  Worker next(config);
  next.handle(channel, [&](const Message<Image>& message) { frames.add(message.value().frame()); });
  RunningWorker running(next);
  EXPECT_TRUE(eventually([&] { return frames.count() == 10; }));
  EXPECT_EQ(frames.all()[6], 6);
}

TEST(WorkerFailure, AnUndecodableRecordStopsItAndNothingPastItIsCommitted) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  const std::string good = zlib_compress(Image{}.SerializeAsString());
  write_raw(channel.topic(), {{.value = good}, {.value = "not a zlib stream"}, {.value = good}});
  std::atomic<int> handled{0};
  Worker worker(config);
  worker.handle(channel, [&](const Message<Image>&) { ++handled; });
  RunningWorker running(worker);
  const Thrown thrown = thrown_by([&] { running.end(); });
  EXPECT_EQ(thrown.code, errc::decode);
  EXPECT_TRUE(contains(thrown.text, std::string(channel.topic()) + " [0] at offset 1"));
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(worker.counters().decode_errors, 1U);
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 1);
}

// The output is refused by the broker: the input must come again.
TEST(WorkerFailure, AnInputWhoseOutputIsNotDeliveredIsNotCommitted) {
  const auto input = new_channel<Image>();
  const auto output = new_channel<Prediction>(1);
  const Config config = new_config();
  send_frames(input, 1, 1);
  Worker worker(config, {.producer = {.delivery_timeout = 3s}});
  worker.handle(input, [&](const Message<Image>& message, Context& context) {
    context.send(output, prediction_of(message), {.partition = 5});
  });
  RunningWorker running(worker);
  const Thrown thrown = thrown_by([&] { running.end(); });
  EXPECT_TRUE(contains(thrown.text, std::string(input.topic()) + " [0] at offset 0"));
  EXPECT_LE(committed_offset(config.group, input.topic(), 0), 0);
}

TEST(Workers, OfOneGroupShareThePartitions) {
  const auto channel = new_channel<Image>(4);
  const Config config = new_config();
  Frames frames;
  const auto handle = [&](const Message<Image>& message) { frames.add(message.value().frame()); };
  Worker first(config);
  Worker second(config);
  first.handle(channel, handle);
  second.handle(channel, handle);
  RunningWorker running_first(first);
  RunningWorker running_second(second);
  ASSERT_TRUE(eventually([&] { return first.counters().partitions == 2 && second.counters().partitions == 2; }, 40s));
  send_frames(channel, 1, 100, 4);
  ASSERT_TRUE(eventually([&] { return frames.count() == 100; }));
  EXPECT_EQ(running_first.stop().handled, 50U);
  EXPECT_EQ(running_second.stop().handled, 50U);
}

}  // namespace
}  // namespace conveyor::tests
