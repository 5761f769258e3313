// Bytes from outside are hostile: each such record is an error that names it, and the consumer goes on.

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/v1/image.pb.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

std::string frame_bytes(std::size_t bytes) {
  Image image;
  image.set_frame(1);
  image.set_image_data(std::string(bytes, 'x'));
  return image.SerializeAsString();
}

struct Hostile {
  const char* what;
  std::string bytes;
  const char* told;  // a part of the error's text
};

std::vector<Hostile> hostile_values() {
  const std::string good = zlib_compress(frame_bytes(5'000));
  std::string corrupt = good;
  corrupt[corrupt.size() / 2] ^= 0x55;
  std::string wrong_checksum = good;
  wrong_checksum.back() ^= 1;
  return {
      {"zero length", "", "zlib"},
      {"not compressed", frame_bytes(100), "zlib"},
      {"corrupt", corrupt, "zlib"},
      {"wrong checksum", wrong_checksum, "zlib"},
      {"truncated by a byte", good.substr(0, good.size() - 1), "zlib"},
      {"truncated to its header", good.substr(0, 2), "zlib"},
      {"trailing bytes", good + "more", "bytes follow"},
      {"another stream after the first", good + good, "bytes follow"},
      {"above the limit by a little", zlib_compress(frame_bytes(64'001)), "max_message_bytes"},
      {"a bomb of 100 MB", zlib_compress(std::string(100'000'000, '\0'), 9), "max_message_bytes"},
      {"half a message",
       zlib_compress("\x0a\x05"
                     "ab"),
       "conveyor.v1.Image"},
      {"no bytes of protobuf at all", zlib_compress(std::string(100, '\xff')), "conveyor.v1.Image"},
  };
}

TEST(DecodeErrors, EachNamesItsRecordAndTheConsumerGoesOn) {
  const auto channel = new_channel<Image>(3);
  Config config = new_config();
  config.max_message_bytes = 64'000;
  const auto observer = std::make_shared<CollectingObserver>();
  config.observer = observer;
  const auto hostile = hostile_values();
  std::vector<RawRecord> records;
  for (const Hostile& one : hostile) {
    records.push_back({.value = one.bytes, .key = one.what, .headers = {{"origin", "outside"}}, .partition = 2});
    records.push_back({.value = zlib_compress(frame_bytes(60'000)), .partition = 2});
  }
  write_raw(channel.topic(), records);

  Consumer consumer(config, channel);
  std::int64_t offset = 0;
  for (const Hostile& one : hostile) {
    SCOPED_TRACE(one.what);
    const auto* message = consumer.next(20s);
    ASSERT_NE(message, nullptr);
    EXPECT_FALSE(message->has_value());
    EXPECT_FALSE(message->is_tombstone());
    EXPECT_EQ(message->record().error, errc::decode);
    EXPECT_EQ(message->key(), one.what);
    EXPECT_EQ(header(message->record().headers, "origin"), "outside");
    EXPECT_EQ(message->offset(), offset);
    const std::string where = std::string(channel.topic()) + " [2] at offset " + std::to_string(offset);
    const Thrown on_value = thrown_by([&] { static_cast<void>(message->value()); });
    EXPECT_EQ(on_value.code, errc::decode);
    EXPECT_TRUE(contains(on_value.text, where));
    EXPECT_TRUE(contains(on_value.text, one.told));
    const Thrown on_next = thrown_by([&] { static_cast<void>(consumer.next(1ms)); });
    EXPECT_TRUE(contains(on_next.text, where));
    EXPECT_TRUE(contains(on_next.text, "skip()"));
    consumer.skip();

    const auto* good = consumer.next(20s);
    ASSERT_NE(good, nullptr);
    EXPECT_EQ(good->value().image_data().size(), 60'000U);
    offset += 2;
  }
  consumer.done();
  consumer.close();
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 2), offset);
  EXPECT_EQ(consumer.counters().decode_errors, hostile.size());
  const auto events = observer->events(Event::Kind::kDecodeFailed);
  ASSERT_EQ(events.size(), hostile.size());
  EXPECT_EQ(events[1].topic, channel.topic());
  EXPECT_EQ(events[1].partition, 2);
  EXPECT_EQ(events[1].offset, 2);
}

TEST(DecodeErrors, ALoopThatDoesNotSkipThrowsAndTheRecordComesAgain) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  write_raw(channel.topic(), {{.value = zlib_compress(frame_bytes(1))}, {.value = "garbage"}});
  {
    Consumer consumer(config, channel);
    int good = 0;
    const Thrown thrown = thrown_by([&] {
      for (const auto& message : consumer) good += message.has_value() ? 1 : 0;
    });
    EXPECT_EQ(thrown.code, errc::decode);
    EXPECT_EQ(good, 1);
  }
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 1);
  Consumer consumer(config, channel);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->offset(), 1);
  EXPECT_FALSE(message->has_value());
}

TEST(DecodeErrors, AnUnknownContentEncodingIsOneOfThem) {
  const auto channel = new_channel<Image>();
  write_raw(channel.topic(), {{.value = frame_bytes(1), .headers = {{"content-encoding", "br"}}}});
  Consumer consumer(new_config(), channel);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_FALSE(message->has_value());
  EXPECT_TRUE(contains(message->record().error_text, "br"));
}

TEST(DecodeErrors, OnARawChannelZeroLengthIsAnEmptyMessage) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  write_raw(channel.topic(), {{.value = ""}, {.value = std::string(20, '\xff')}});
  Consumer consumer(new_config(), channel);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->value().frame(), 0);
  message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_FALSE(message->has_value());
}

}  // namespace
}  // namespace conveyor::tests
