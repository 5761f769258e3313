// What is sent is what is received, and how it travels.

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/broker.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Detection;
using v1::Image;

Image frame_of(std::int64_t number, std::size_t bytes = 30) {
  Image image;
  image.set_frame(number);
  image.set_width(10);
  image.set_height(1);
  image.set_source("camera-ü");
  std::string pixels(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) pixels[i] = static_cast<char>(i * 7 + static_cast<std::size_t>(number));
  image.set_image_data(pixels);
  return image;
}

// Without what the library stamps.
std::string bare(Image image) {
  image.clear__message_data();
  return image.SerializeAsString();
}

TEST(SendReceive, CarriesValueKeyHeadersPartitionAndTimestamp) {
  const auto channel = new_channel<Image>(4);
  const Config config = new_config();
  const auto before = std::chrono::system_clock::now() - 2s;
  const std::string key(
      "camera\0"
      "1",
      8);
  Producer producer(config);
  producer.send(channel, frame_of(7), {.key = key, .headers = {{"shift", "night"}, {"shift", "day"}}, .partition = 2});
  ASSERT_EQ(producer.flush(20s).delivered, 1U);

  Consumer consumer(config, channel);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(bare(message->value()), bare(frame_of(7)));
  EXPECT_EQ(message->key(), key);
  EXPECT_TRUE(message->key());
  EXPECT_EQ(message->partition(), 2);
  EXPECT_EQ(message->offset(), 0);
  EXPECT_EQ(message->topic(), channel.topic());
  EXPECT_GE(message->record().timestamp, before);
  EXPECT_LE(message->record().timestamp, std::chrono::system_clock::now() + 2s);
  std::vector<std::string> shifts;
  for (const Header& one : message->record().headers) {
    if (one.name == "shift") shifts.push_back(one.value);
  }
  EXPECT_EQ(shifts, (std::vector<std::string>{"night", "day"}));
}

// They are read from the client's memory when they are first looked at.
TEST(SendReceive, HeadersCanBeLookedAtUntilTheNextMessageIsAskedForByAnyThread) {
  const auto channel = new_channel<Image>(1);
  const Config config = new_config();
  Producer producer(config);
  constexpr int kMessages = 200;
  for (int i = 0; i < kMessages; ++i) producer.send(channel, frame_of(i), {.headers = {{"number", std::to_string(i)}}});
  ASSERT_EQ(producer.flush(20s).delivered, static_cast<std::uint64_t>(kMessages));

  for (const bool with_producer : {false, true}) {
    Config own_group = config;
    own_group.group = unique_name("group");
    Consumer consumer(own_group, channel, {.producer = with_producer ? &producer : nullptr});
    Record kept;
    for (int i = 0; i < kMessages; ++i) {
      const auto* message = consumer.next(20s);
      ASSERT_NE(message, nullptr);
      if (i % 3 == 0) continue;  // never looked at
      if (i % 3 == 1) consumer.done();
      const auto look = [&] { EXPECT_EQ(header(message->record().headers, "number"), std::to_string(i)); };
      std::jthread other(look);
      look();
      kept = message->record();
    }
    EXPECT_EQ(header(kept.headers, "number"), std::to_string(kMessages - 1));
    consumer.close();
    EXPECT_EQ(header(kept.headers, "number"), std::to_string(kMessages - 1));
  }
}

TEST(SendReceive, CarriesEveryZlibLevelAndLargeFrames) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  const Config config = new_config();
  Producer producer(config);
  for (int level = 1; level <= 12; ++level) {
    producer.send(Channel<Image>::named(topic, {.level = level}), frame_of(level, level == 12 ? 900'000 : 3'000));
  }
  ASSERT_EQ(producer.flush(20s).delivered, 12U);

  Consumer consumer(config, Channel<Image>::named(topic));
  for (int level = 1; level <= 12; ++level) {
    const auto* message = consumer.next(20s);
    ASSERT_NE(message, nullptr);
    EXPECT_EQ(bare(message->value()), bare(frame_of(level, level == 12 ? 900'000 : 3'000)));
  }
}

TEST(SendReceive, KeepsAnEmptyKeyApartFromNoKey) {
  const auto channel = new_channel<Image>();
  Producer producer(new_config());
  producer.send(channel, frame_of(1), {.key = ""});
  producer.send(channel, frame_of(2));
  producer.flush(20s);
  const auto records = read_raw(channel.topic(), 1, 2);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].key, "");
  EXPECT_EQ(records[1].key, std::nullopt);
}

TEST(SendReceive, KeepsTheOrderOfEveryKey) {
  const auto channel = new_channel<Image>(4);
  const Config config = new_config();
  Producer producer(config);
  for (int i = 0; i < 1'000; ++i) producer.send(channel, frame_of(i), {.key = "camera-" + std::to_string(i % 7)});
  ASSERT_EQ(producer.flush(20s).delivered, 1'000U);

  Consumer consumer(config, channel);
  std::map<std::string, std::int64_t> last;
  std::map<std::string, int> partition_of;
  for (int i = 0; i < 1'000; ++i) {
    const auto* message = consumer.next(20s);
    ASSERT_NE(message, nullptr) << "after " << i;
    const std::string key(message->key().value());
    const auto [before, first] = last.try_emplace(key, message->value().frame());
    if (!first) {
      EXPECT_EQ(message->value().frame(), before->second + 7);
      EXPECT_EQ(message->partition(), partition_of[key]);
    }
    before->second = message->value().frame();
    partition_of[key] = message->partition();
  }
  EXPECT_EQ(last.size(), 7U);
}

// The murmur2 of org.apache.kafka.common.utils.UtilsTest, made positive, modulo 4.
TEST(SendReceive, ChoosesThePartitionOfAKeyAsJavaDoes) {
  const auto channel = new_channel<Image>(4);
  Producer producer(new_config());
  const std::map<std::string, std::int32_t> murmur2{
      {"21", -973932308}, {"foobar", -790332482}, {"a-little-bit-long-string", -985981536}, {"abc", 479470107}};
  for (const auto& [key, hash] : murmur2) producer.send(channel, frame_of(1), {.key = key});
  producer.flush(20s);
  const auto records = read_raw(channel.topic(), 4, murmur2.size());
  ASSERT_EQ(records.size(), murmur2.size());
  for (const RawRecord& record : records) {
    EXPECT_EQ(record.partition, (murmur2.at(*record.key) & 0x7fffffff) % 4) << *record.key;
  }
}

TEST(SendReceive, PutsThePrefixBeforeEveryTopic) {
  const std::string topic = unique_name("topic");
  create_topic("staging." + topic, 1);
  const auto channel = Channel<Image>::named(topic);
  Config config = new_config();
  config.topic_prefix = "staging.";
  Producer producer(config);
  producer.send(channel, frame_of(3));
  ASSERT_EQ(producer.flush(20s).delivered, 1U);
  Consumer consumer(config, channel);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->topic(), "staging." + topic);
  EXPECT_EQ(message->value().frame(), 3);
}

TEST(OnTheWire, AZlibRecordSaysItsEncodingAndItsTraceAndNoMore) {
  const auto channel = new_channel<Image>();
  Producer producer(new_config());
  producer.send(channel, frame_of(5));
  producer.flush(20s);
  const auto records = read_raw(channel.topic(), 1, 1);
  ASSERT_EQ(records.size(), 1U);
  Image image;
  ASSERT_TRUE(image.ParseFromString(zlib_uncompress(*records[0].value)));
  EXPECT_EQ(bare(image), bare(frame_of(5)));
  EXPECT_EQ(records[0].headers.size(), 2U);
  EXPECT_EQ(header(records[0].headers, "content-encoding"), "deflate");
  EXPECT_TRUE(contains(header(records[0].headers, "traceparent").value_or(""), image._message_data().trace_id()));
}

TEST(OnTheWire, ARawRecordIsTheMessageWithoutHeaders) {
  const auto channel = new_channel<Detection>(1, {.codec = Codec::kRaw});
  Detection detection;
  detection.set_label("person");
  detection.mutable_box()->set_width(12.5F);
  Producer producer(new_config());
  producer.send(channel, detection);
  producer.flush(20s);
  const auto records = read_raw(channel.topic(), 1, 1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].value, detection.SerializeAsString());
  EXPECT_TRUE(records[0].headers.empty());
}

TEST(OnTheWire, ARecordWithoutHeadersIsReadByTheChannelsCodec) {
  const auto zlib = new_channel<Image>();
  const auto raw = new_channel<Image>(1, {.codec = Codec::kRaw});
  write_raw(zlib.topic(), {{.value = zlib_compress(frame_of(1).SerializeAsString(), 9)}});
  write_raw(raw.topic(), {{.value = frame_of(2).SerializeAsString()}});
  const Config config = new_config();
  {
    Consumer consumer(config, zlib);
    const auto* message = consumer.next(20s);
    ASSERT_NE(message, nullptr);
    EXPECT_EQ(bare(message->value()), bare(frame_of(1)));
  }
  Consumer consumer(new_config(), raw);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(bare(message->value()), bare(frame_of(2)));
}

TEST(Tombstones, ArePassedOverAndCounted) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  write_raw(channel.topic(), {{.key = "a"}, {.key = "b"}, {.value = zlib_compress(frame_of(3).SerializeAsString())}});
  Consumer consumer(config, channel);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->value().frame(), 3);
  consumer.done();
  EXPECT_TRUE(eventually([&] { return consumer.counters().handled == 3; }));
  EXPECT_EQ(consumer.counters().tombstones, 2U);
}

TEST(Tombstones, ReachALoopThatAsksForThem) {
  const auto channel = new_channel<Image>();
  write_raw(channel.topic(), {{.key = "deleted"}});
  Consumer consumer(new_config(), channel, {.tombstones = true});
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_TRUE(message->is_tombstone());
  EXPECT_FALSE(message->has_value());
  EXPECT_EQ(message->key(), "deleted");
  EXPECT_EQ(thrown_by([&] { static_cast<void>(message->value()); }).code, errc::tombstone);
  EXPECT_EQ(consumer.next(1ms), nullptr);  // a tombstone is passed like any message
  EXPECT_TRUE(eventually([&] { return consumer.counters().handled == 1; }));
}

}  // namespace
}  // namespace conveyor::tests
