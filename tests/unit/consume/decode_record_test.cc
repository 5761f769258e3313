#include "consume/decode_record.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codec/deflate.h"
#include "codec/header_names.h"
#include "conveyor/v1/image.pb.h"
#include "support/errors.h"
#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using tests::contains;

constexpr std::size_t kLimit = 1 << 20;

std::string zlib_of(std::string_view bytes) {
  std::string stream(codec::deflate_bound(bytes.size(), 6), '\0');
  stream.resize(codec::deflate(bytes, 6, stream.data(), stream.size()));
  return stream;
}

std::string image_of_frame(int frame) {
  v1::Image image;
  image.set_frame(frame);
  return image.SerializeAsString();
}

/// A member whose client never reads; records come from the test.
class DecodeRecord : public testing::Test {
 protected:
  MemberEnvironment environment() {
    return {.clock = std::shared_ptr<MemberClock>(std::shared_ptr<void>(), &parts.clock),
            .wakeup = parts.wakeup,
            .make_client = [this] { return parts.client; },
            .check_client = [] {},
            .make_lookup =
                [this](const ClientSlot&) { return std::make_unique<tests::FakeLookup>(parts.clock, parts.cluster); },
            .random = [] { return 0.5; }};
  }
  Incoming incoming(std::optional<std::string_view> value, const Headers& headers = {}) {
    const Record read{.partition = 3, .offset = 17, .timestamp = kWritten, .key = "key", .headers = headers};
    return {.partition = partition, .record = kafka::ConsumedRecord::made_from(read, value), .offset = 17};
  }
  void decode(const Incoming& one, Codec codec = Codec::kRaw, std::size_t limit = kLimit) {
    decode_record(one, codec, limit, member, record, image);
  }
  void expect_value(int frame) {
    EXPECT_FALSE(record.error) << record.error_text;
    EXPECT_EQ(record.error_text, "");
    EXPECT_EQ(image.frame(), frame);
  }
  /// The record has no value, which was counted and reported once.
  void expect_undecodable(std::string_view why) {
    EXPECT_EQ(record.error, errc::decode);
    EXPECT_TRUE(contains(record.error_text, why));
    EXPECT_EQ(image.ByteSizeLong(), 0U) << "nothing is left of what could be read";
    EXPECT_EQ(member.counters().decode_errors, 1U);
    const auto events = parts.observer->events(Event::Kind::kDecodeFailed);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events.front().topic, tests::kTopic);
    EXPECT_EQ(events.front().partition, 3);
    EXPECT_EQ(events.front().offset, 17);
    EXPECT_EQ(events.front().text, "record images [3] at offset 17 cannot be decoded: " + record.error_text);
  }

  static constexpr std::chrono::system_clock::time_point kWritten{1'700'000'000s};

  tests::MemberParts parts;
  tests::KeepingReceiver receiver;
  GroupMember member{parts.config, parts.options, receiver, environment()};
  const PartitionPtr partition = std::make_shared<Partition>(tests::partition_of(3), OffsetTracker(), nullptr);
  Record record;
  v1::Image image;
};

TEST_F(DecodeRecord, FillsRecordAndValue) {
  decode(incoming(image_of_frame(7), {{.name = "a", .value = "1"}}));
  expect_value(7);
  EXPECT_EQ(record.topic, tests::kTopic);
  EXPECT_EQ(record.partition, 3);
  EXPECT_EQ(record.offset, 17);
  EXPECT_EQ(record.timestamp, kWritten);
  EXPECT_EQ(record.key, "key");
  ASSERT_EQ(record.headers.size(), 1U);
  EXPECT_EQ(record.headers[0].value, "1");
  EXPECT_EQ(member.counters().decode_errors, 0U);
  EXPECT_TRUE(parts.observer->events(Event::Kind::kDecodeFailed).empty());
}

TEST_F(DecodeRecord, ReadsWhatTheChannelsCodecWrote) {
  decode(incoming(zlib_of(image_of_frame(7))), Codec::kZlib);
  expect_value(7);
}

TEST_F(DecodeRecord, ATombstoneHasNoValueAndIsNoError) {
  image.set_frame(5);  // of the record before
  decode(incoming(std::nullopt));
  EXPECT_EQ(record.error, errc::tombstone);
  EXPECT_EQ(record.key, "key") << "whose value is gone";
  EXPECT_EQ(image.frame(), 0);
  EXPECT_EQ(member.counters().decode_errors, 0U);
  EXPECT_TRUE(parts.observer->events(Event::Kind::kDecodeFailed).empty());
}

TEST_F(DecodeRecord, AnEmptyValueIsAMessageWithoutFields) {
  decode(incoming(""));
  expect_value(0);
}

TEST_F(DecodeRecord, BytesOfNoMessageAreCountedAndReported) {
  decode(incoming(image_of_frame(7) + "\xFF"));
  expect_undecodable("are not a ");
}

TEST_F(DecodeRecord, AValueAboveTheLimitIsCountedAndReported) {
  decode(incoming(image_of_frame(7)), Codec::kRaw, 1);
  expect_undecodable("exceed Config::max_message_bytes = 1");
}

TEST_F(DecodeRecord, ACodecThatNobodyKnowsIsCountedAndReported) {
  decode(incoming(image_of_frame(7), {{.name = std::string(codec::kContentEncoding), .value = "snappy"}}));
  expect_undecodable("its content-encoding is \"snappy\"");
}

TEST_F(DecodeRecord, ARecordForgetsTheErrorOfTheOneBefore) {
  decode(incoming("\xFF"));
  expect_undecodable("are not a ");
  decode(incoming(image_of_frame(7)));
  expect_value(7);
  EXPECT_EQ(member.counters().decode_errors, 1U);
}

TEST_F(DecodeRecord, EveryUndecodableRecordIsCounted) {
  for (int i = 0; i < 3; ++i) decode(incoming("\xFF"));
  EXPECT_EQ(member.counters().decode_errors, 3U);
  EXPECT_EQ(parts.observer->events(Event::Kind::kDecodeFailed).size(), 3U);
}

TEST_F(DecodeRecord, AValueAloneLeavesTheRecordsFieldsAsTheyAre) {
  record.topic = tests::kTopic;
  record.partition = 3;
  record.offset = 17;
  record.key = "of its own";
  decode_value(incoming(image_of_frame(7)), {}, Codec::kRaw, kLimit, member, record, image);
  expect_value(7);
  EXPECT_EQ(record.key, "of its own");
}

TEST_F(DecodeRecord, AValueAloneIsReadByTheGivenHeaders) {
  record.topic = tests::kTopic;
  record.partition = 3;
  record.offset = 17;
  const Headers given{{.name = std::string(codec::kContentEncoding), .value = "snappy"}};
  decode_value(incoming(image_of_frame(7)), given, Codec::kRaw, kLimit, member, record, image);
  expect_undecodable("its content-encoding is \"snappy\"");
}

}  // namespace
}  // namespace conveyor::worker
