// What travels beside a message, and what is never sent: the bytes as any other client sees them.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/dead_letters.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Classification;
using v1::Image;

constexpr std::string_view kTraceId = "0af7651916cd43dd8448eb211c80319c";
const std::string kTraceparent = "00-" + std::string(kTraceId) + "-b7ad6b7169203331-";

Classification labelled(std::string label) {
  Classification message;
  message.set_label(std::move(label));
  return message;
}

RawRecord raw_record(const Classification& message, std::vector<Header> headers = {}) {
  headers.push_back({"content-encoding", "identity"});
  return {.value = message.SerializeAsString(), .headers = std::move(headers)};
}

std::ptrdiff_t count(const RawRecord& record, std::string_view name) {
  return std::ranges::count(record.headers, name, &Header::name);
}

TEST(Wire, WhatNobodyCouldReadIsRefusedAtTheSend) {
  const auto channel = new_channel<Classification>();
  Config config = new_config();
  const auto observer = std::make_shared<CollectingObserver>();
  config.observer = observer;
  Producer producer(config);
  const auto thrown = thrown_by([&] { producer.send(channel, labelled("caf\xe9")); });
  EXPECT_EQ(thrown.code, errc::encode);
  EXPECT_TRUE(contains(thrown.text, "the string conveyor.v1.Classification.label is not UTF-8"));
  EXPECT_TRUE(contains(thrown.text, channel.topic()));
  EXPECT_EQ(producer.try_send(channel, labelled("caf\xe9")), errc::encode);
  producer.send(channel, labelled("caf\xc3\xa9"));
  EXPECT_EQ(producer.flush(20s).delivered, 1U);
  EXPECT_EQ(observer->events(Event::Kind::kRefused).size(), 2U);
  // libprotobuf has nothing to add; librdkafka may speak of itself.
  for (const std::string& line : observer->lines()) EXPECT_FALSE(contains(line, "UTF-8")) << line;

  Consumer consumer(config, channel);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->value().label(), "caf\xc3\xa9");
}

TEST(Wire, AnInputWhoseOutputNobodyCouldReadGoesToTheDeadLetters) {
  const auto in = new_channel<Classification>();
  const auto out = new_channel<Classification>();
  create_topic(std::string(in.topic()) + "-dlt", 1);
  write_raw(in.topic(), {raw_record(labelled("bad")), raw_record(labelled("good"))});
  Worker worker(new_config(), {.dead_letter = {.enabled = true}});
  worker.transform(in, out, [](const Message<Classification>& message) {
    return message.value().label() == "bad" ? labelled("caf\xe9") : message.value();
  });
  const RunningWorker running{worker};
  const auto letters = read_raw(std::string(in.topic()) + "-dlt", 1, 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_NE(header(letters[0].headers, "conveyor-dlt-error")->find("conveyor.v1.Classification.label"),
            std::string::npos);
  EXPECT_EQ(read_raw(out.topic(), 1, 1).size(), 1U);
}

TEST(Wire, AnUnreadableRecordIsOneEventThatNamesTheField) {
  const auto channel = new_channel<Classification>();
  write_raw(channel.topic(), {{.value = zlib_compress("\x0a\x04"
                                                      "caf\xe9")}});
  Config config = new_config();
  const auto observer = std::make_shared<CollectingObserver>();
  config.observer = observer;
  Consumer consumer(config, channel);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_NE(message->record().error_text.find("the string conveyor.v1.Classification.label is not UTF-8"),
            std::string::npos)
      << message->record().error_text;
  consumer.skip();
  EXPECT_EQ(observer->events(Event::Kind::kDecodeFailed).size(), 1U);
  const auto lines = observer->lines();
  EXPECT_EQ(std::ranges::count_if(lines, [](const auto& line) { return line.find("UTF-8") != std::string::npos; }), 1);
}

// Handed on in full, what described the input describes none of the outputs.
TEST(Wire, HeadersHandedOnDescribeTheRecordThatTheyAreOn) {
  const auto in = new_channel<Image>();
  const auto raw = new_channel<Image>(1, {.codec = Codec::kRaw});
  const auto plain = new_channel<Classification>();
  Config first = new_config();
  first.service = "first";
  Config second = new_config();
  second.service = "second";

  Image image;
  image.set_image_data(std::string(100'000, 'x'));  // whose size is said in a header
  image.set_frame(7);
  Producer producer(first);
  producer.send(in, image, {.headers = {{"mine", "1"}, {"note", "", true}}});
  ASSERT_EQ(producer.flush(20s).delivered, 1U);
  const auto input = read_raw(in.topic(), 1, 1);
  ASSERT_EQ(input.size(), 1U);
  ASSERT_TRUE(header(input[0].headers, "conveyor-size"));

  Worker worker(second);
  worker.handle(in, [&](const Message<Image>& message, Context& context) {
    Image small;
    small.set_frame(message.value().frame());
    const SendOptions same{.headers = message.record().headers.all()};
    context.send(raw, small, same);
    context.send(plain, labelled("tea"), same);
  });
  const RunningWorker running{worker};

  for (const std::string_view topic : {raw.topic(), plain.topic()}) {
    const auto records = read_raw(topic, 1, 1);
    ASSERT_EQ(records.size(), 1U) << topic;
    const RawRecord& record = records[0];
    for (const Header& one : record.headers) EXPECT_EQ(count(record, one.name), 1) << topic << " " << one.name;
    EXPECT_EQ(header(record.headers, "mine"), "1");
    EXPECT_TRUE(std::ranges::find(record.headers, "note", &Header::name)->is_null);
    EXPECT_FALSE(header(record.headers, "conveyor-size")) << topic;
    EXPECT_EQ(header(record.headers, "content-encoding"), topic == raw.topic() ? "identity" : "deflate");
    const std::string traceparent = header(record.headers, "traceparent").value_or("");
    const std::string before = *header(input[0].headers, "traceparent");
    EXPECT_EQ(traceparent.substr(0, 35), before.substr(0, 35));
    EXPECT_NE(traceparent, before);
  }
  Consumer of_raw(new_config(), raw);
  const auto* from_raw = of_raw.next(20s);
  ASSERT_NE(from_raw, nullptr);
  ASSERT_TRUE(from_raw->has_value()) << from_raw->record().error_text;
  EXPECT_EQ(from_raw->value().frame(), 7);
  EXPECT_EQ(from_raw->metadata().sending_service, "second");
  Consumer of_plain(new_config(), plain);
  const auto* from_plain = of_plain.next(20s);
  ASSERT_NE(from_plain, nullptr);
  EXPECT_EQ(from_plain->value().label(), "tea");
  EXPECT_EQ(from_plain->metadata().sending_service, "second");
}

TEST(Wire, AHeaderWithoutAValueStaysOne) {
  const auto channel = new_channel<Classification>();
  const std::string letters_topic = std::string(channel.topic()) + "-dlt";
  create_topic(letters_topic, 1);
  write_raw(channel.topic(), {{.value = "no message", .headers = {{"note", "", true}, {"empty", ""}}}});
  const Config config = new_config();
  Worker worker(config, {.dead_letter = {.enabled = true}});
  worker.handle(channel, [](const Message<Classification>&) {});
  std::vector<RawRecord> letters;
  {
    const RunningWorker running{worker};
    letters = read_raw(letters_topic, 1, 1);
  }
  const auto expect_kept = [](const std::vector<RawRecord>& records, std::size_t number) {
    ASSERT_GT(records.size(), number);
    ASSERT_GE(records[number].headers.size(), 2U);
    EXPECT_TRUE(records[number].headers[0].is_null);
    EXPECT_FALSE(records[number].headers[1].is_null);
    EXPECT_EQ(records[number].headers[1].name, "empty");
  };
  expect_kept(letters, 0);
  EXPECT_EQ(replay_dead_letters(config, letters_topic).sent, 1U);
  expect_kept(read_raw(channel.topic(), 1, 2), 1);
}

TEST(Wire, ATraceTravelsThroughAWorkerWithItsStateAndBaggage) {
  const auto in = new_channel<Classification>();
  const auto zlib = new_channel<Classification>();
  const auto raw = new_channel<Classification>(1, {.codec = Codec::kRaw});
  const auto batched = new_channel<Classification>();
  write_raw(in.topic(), {raw_record(labelled("whole"), {{"traceparent", kTraceparent + "01"},
                                                        {"tracestate", "congo=t61rcWkgMzE"},
                                                        {"tracestate", "rojo=00f067aa0ba902b7"},
                                                        {"baggage", "tenant=7"}}),
                         raw_record(labelled("flags"), {{"traceparent", kTraceparent + "ff"}}),
                         raw_record(labelled("bad"), {{"traceparent", "00-bad"}, {"tracestate", "a=1"}})});
  Worker worker(new_config());
  worker.handle(in, [&](const Message<Classification>& message, Context& context) {
    context.send(zlib, message.value());
    context.send(raw, message.value());
  });
  Worker batches(new_config());
  batches.transform_batch(in, batched, [](std::span<BatchItem<Classification, Classification>> items) {
    for (auto& item : items) item.reply(item.message().value());
  });
  const RunningWorker running{worker};
  const RunningWorker running_batches{batches};

  for (const std::string_view topic : {zlib.topic(), raw.topic(), batched.topic()}) {
    const auto records = read_raw(topic, 1, 3);
    ASSERT_EQ(records.size(), 3U) << topic;
    const auto& whole = records[0].headers;
    EXPECT_EQ(header(whole, "traceparent")->substr(3, 32), kTraceId);
    EXPECT_TRUE(header(whole, "traceparent")->ends_with("-01"));
    EXPECT_EQ(header(whole, "tracestate"), "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7") << topic;
    EXPECT_EQ(count(records[0], "tracestate"), 1);
    EXPECT_EQ(header(whole, "baggage"), "tenant=7") << topic;

    const auto& flags = records[1].headers;
    EXPECT_TRUE(header(flags, "traceparent")->ends_with("-03")) << *header(flags, "traceparent");
    EXPECT_FALSE(header(flags, "tracestate"));
    EXPECT_FALSE(header(flags, "baggage"));

    EXPECT_FALSE(header(records[2].headers, "tracestate")) << topic;
    EXPECT_TRUE(header(records[2].headers, "traceparent").value_or("-00").ends_with("-00")) << topic;
  }
}

TEST(Wire, DeadLettersSayInUtf8WhyTheyAreThere) {
  const auto channel = new_channel<Classification>();
  create_topic(std::string(channel.topic()) + "-dlt", 1);
  write_raw(channel.topic(), {raw_record(labelled("long")), raw_record(labelled("latin"))});
  Worker worker(new_config(), {.dead_letter = {.enabled = true}});
  worker.handle(channel, [](const Message<Classification>& message) {
    std::string text;
    for (int i = 0; i < 700; ++i) text += "\xc3\xa9";
    throw std::runtime_error(message.value().label() == "long" ? text : "caf\xe9");
  });
  const RunningWorker running{worker};
  const auto letters = read_raw(std::string(channel.topic()) + "-dlt", 1, 2);
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(
      *header(letters[0].headers, "conveyor-dlt-error"), "the handler threw: " + [] {
        std::string text;
        for (int i = 0; i < 502; ++i) text += "\xc3\xa9";
        return text;
      }());
  EXPECT_EQ(*header(letters[1].headers, "conveyor-dlt-error"), "the handler threw: caf\xef\xbf\xbd");
}

}  // namespace
}  // namespace conveyor::tests
