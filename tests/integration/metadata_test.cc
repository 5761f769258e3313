// What the library stamps on a message, and what of it arrives.

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <regex>
#include <string>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/broker.h"
#include "support/raw_kafka.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Detection;
using v1::Image;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

bool is(std::string_view text, const char* pattern) { return std::regex_match(std::string(text), std::regex(pattern)); }

// Every field but those that tell where the record lay.
void expect_stamp(const MetadataView& metadata, double sent_at) {
  EXPECT_GE(metadata.timestamp, sent_at);
  EXPECT_LE(metadata.timestamp, seconds_since_epoch());
  EXPECT_EQ(metadata.environment, Environment::kStaging);
  EXPECT_EQ(metadata.sending_service, "camera");
  EXPECT_TRUE(is(metadata.uuid, "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")) << metadata.uuid;
  EXPECT_TRUE(is(metadata.trace_id, "[0-9a-f]{32}")) << metadata.trace_id;
  ASSERT_TRUE(is(metadata.iso_date, R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00)")) << metadata.iso_date;
  std::tm utc{};
  strptime(std::string(metadata.iso_date).c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  EXPECT_EQ(static_cast<std::int64_t>(timegm(&utc)), static_cast<std::int64_t>(metadata.timestamp));
}

Config config_of_camera() {
  Config config = new_config();
  config.service = "camera";
  config.environment = Environment::kStaging;
  return config;
}

TEST(Metadata, EveryFieldIsStamped) {
  const auto channel = new_channel<Image>(2);
  const Config config = config_of_camera();
  const double sent_at = seconds_since_epoch();
  Producer producer(config);
  producer.send(channel, Image{}, {.partition = 1});
  producer.send(channel, Image{}, {.partition = 1});
  producer.flush(20s);

  Consumer consumer(config, channel);
  ASSERT_NE(consumer.next(20s), nullptr);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  expect_stamp(message->metadata(), sent_at);
  EXPECT_EQ(message->metadata().partition, 1);
  EXPECT_EQ(message->metadata().offset, 1);
  EXPECT_EQ(message->value()._message_data().partition(), 1);
  EXPECT_EQ(message->value()._message_data().offset(), 1);
}

TEST(Metadata, AMessageWithoutTheFieldCarriesTheSameFactsInHeaders) {
  const auto channel = new_channel<Detection>(2);
  const Config config = config_of_camera();
  const double sent_at = seconds_since_epoch();
  Detection detection;
  detection.set_label("person");
  Producer producer(config);
  producer.send(channel, detection, {.partition = 1});
  producer.flush(20s);

  Consumer consumer(config, channel);
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->value().SerializeAsString(), detection.SerializeAsString());
  expect_stamp(message->metadata(), sent_at);
  EXPECT_EQ(message->metadata().partition, 1);
  EXPECT_EQ(message->metadata().offset, 0);
}

TEST(Metadata, SendingDoesNotChangeTheSendersMessage) {
  const auto channel = new_channel<Image>();
  Image image;
  image.set_frame(4);
  image.mutable__message_data()->set_sending_service("somebody else");
  const std::string before = image.SerializeAsString();
  Producer producer(config_of_camera());
  producer.send(channel, image);
  producer.flush(20s);
  EXPECT_EQ(image.SerializeAsString(), before);
}

TEST(Metadata, EverySendHasAUuidOfItsOwn) {
  const auto channel = new_channel<Image>();
  Producer producer(config_of_camera());
  producer.send(channel, Image{});
  producer.send(channel, Image{});
  producer.flush(20s);
  const auto records = read_raw(channel.topic(), 1, 2);
  ASSERT_EQ(records.size(), 2U);
  Image first, second;
  first.ParseFromString(zlib_uncompress(*records[0].value));
  second.ParseFromString(zlib_uncompress(*records[1].value));
  EXPECT_NE(first._message_data().uuid(), second._message_data().uuid());
  EXPECT_NE(first._message_data().trace_id(), second._message_data().trace_id());
}

// Received and sent on: what the first sender stamped must not show through.
TEST(Metadata, AForwardedMessageKeepsItsTraceAndNothingElse) {
  const auto channel = new_channel<Image>();
  Image image;
  auto& data = *image.mutable__message_data();
  data.set_timestamp(1.5);
  data.set_environment(v1::PRODUCTION);
  data.set_sending_service("somebody else");
  data.set_uuid("5c6aa1b0-e787-11f0-9d3a-0242ac120002");
  data.set_iso_date("2026-01-02T03:04:05.678901+00:00");
  data.set_offset(41);
  data.set_partition(3);
  data.set_trace_id(kTrace);
  const double sent_at = seconds_since_epoch();
  Producer producer(config_of_camera());
  producer.send(channel, image);
  producer.flush(20s);

  const auto records = read_raw(channel.topic(), 1, 1);
  ASSERT_EQ(records.size(), 1U);
  Image sent;
  ASSERT_TRUE(sent.ParseFromString(zlib_uncompress(*records[0].value)));
  expect_stamp(detail::view_metadata(sent), sent_at);
  EXPECT_NE(sent._message_data().uuid(), data.uuid());
  EXPECT_EQ(sent._message_data().offset(), 0);
  EXPECT_EQ(sent._message_data().partition(), 0);
  EXPECT_EQ(sent._message_data().trace_id(), kTrace);
  EXPECT_EQ(header(records[0].headers, "traceparent").value_or("").substr(3, 32), kTrace);
}

TEST(Metadata, ATraceparentOfTheSendersBecomesTheMessagesTrace) {
  const auto channel = new_channel<Image>();
  const std::string traceparent = std::string("00-") + kTrace + "-b7ad6b7169203331-01";
  Producer producer(config_of_camera());
  producer.send(channel, Image{}, {.headers = {{"traceparent", traceparent}}});
  producer.flush(20s);
  const auto records = read_raw(channel.topic(), 1, 1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(header(records[0].headers, "traceparent"), traceparent);
  Image sent;
  ASSERT_TRUE(sent.ParseFromString(zlib_uncompress(*records[0].value)));
  EXPECT_EQ(sent._message_data().trace_id(), kTrace);
}

}  // namespace
}  // namespace conveyor::tests
