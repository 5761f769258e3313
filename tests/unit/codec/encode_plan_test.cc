#include "codec/encode_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "codec/deflate.h"
#include "codec/header_names.h"
#include "codec/last_header.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"

namespace conveyor::codec {
namespace {

/// What a caller does with a plan, and keeps.
class Kept {
 public:
  Kept(const google::protobuf::Message& message, const EncodeRequest& request) {
    const EncodePlan plan{message, request};
    failure = plan.failure();
    if (failure) return;
    message_bytes = plan.message_bytes();
    for (const detail::HeaderView& one : plan.headers()) {
      headers.push_back({std::string(one.name), std::string(one.value), one.is_null()});
    }
    value.resize(plan.most_bytes());
    auto written = plan.write(value.data());
    failure = std::move(written.failure);
    value.resize(written.bytes);
  }
  [[nodiscard]] std::string header(std::string_view name) const {
    const Header* found = last_header(headers, name);
    return found != nullptr ? found->value : "(none)";
  }

  std::optional<Failure> failure;
  std::size_t message_bytes = 0;
  std::string value;
  std::vector<Header> headers;
};

EncodeRequest request(Codec codec, const detail::StampTarget& target = {}) {
  return {.topic = "topic",
          .channel = {.codec = codec},
          .target = target,
          .environment = Environment::kStaging,
          .service = "camera",
          .max_message_bytes = 1 << 20};
}

v1::Image image_with_frame(int frame) {
  v1::Image image;
  image.set_frame(frame);
  image.set_image_data("pixels");
  return image;
}

TEST(EncodePlan, StampsAndCompressesWithoutTouchingTheMessage) {
  const v1::Image image = image_with_frame(7);
  const Kept kept{image, request(Codec::kZlib, detail::stamp_target(image))};
  ASSERT_FALSE(kept.failure);
  EXPECT_FALSE(image.has__message_data());

  Scratch scratch;
  v1::Image read;
  const auto inflated = inflate(kept.value, 1 << 20, 0, scratch);
  ASSERT_TRUE(read.ParseFromArray(inflated.bytes.data(), static_cast<int>(inflated.bytes.size())));
  EXPECT_EQ(read.frame(), 7);
  EXPECT_EQ(read._message_data().sending_service(), "camera");
  EXPECT_EQ(read._message_data().environment(), v1::STAGING);
  EXPECT_TRUE(is_trace_id(read._message_data().trace_id()));
  EXPECT_GT(read._message_data().timestamp(), 1.7e9);
  ASSERT_EQ(kept.headers.size(), 2U);
  EXPECT_EQ(kept.header(kContentEncoding), "deflate");
  EXPECT_EQ(parse_traceparent(kept.header(kTraceparent))->id.view(), read._message_data().trace_id());
}

TEST(EncodePlan, KeepsTheTraceAForwardedMessageCarries) {
  v1::Image image = image_with_frame(7);
  image.mutable__message_data()->set_trace_id("5c6aa2d2e78711f09d3a0242ac120002");
  const Kept kept{image, request(Codec::kZlib, detail::stamp_target(image))};
  ASSERT_FALSE(kept.failure);
  EXPECT_EQ(parse_traceparent(kept.header(kTraceparent))->id.view(), "5c6aa2d2e78711f09d3a0242ac120002");
}

TEST(EncodePlan, ReplacesATraceIdThatIsNone) {
  v1::Image image = image_with_frame(7);
  image.mutable__message_data()->set_trace_id("not hex");
  const Kept kept{image, request(Codec::kRaw, detail::stamp_target(image))};
  ASSERT_FALSE(kept.failure);
  v1::Image read;
  ASSERT_TRUE(read.ParseFromString(kept.value));
  EXPECT_TRUE(is_trace_id(read._message_data().trace_id())) << read._message_data().trace_id();
}

TEST(EncodePlan, PutsTheFactsIntoHeadersWhereTheMessageHasNoField) {
  v1::Classification message;
  message.set_label("egg");
  const Kept kept{message, request(Codec::kZlib)};
  ASSERT_FALSE(kept.failure);
  EXPECT_EQ(kept.header(kService), "camera");
  EXPECT_EQ(kept.header(kEnvironment), "STAGING");
  EXPECT_EQ(kept.header(kUuid).size(), 36U);
  EXPECT_TRUE(kept.header(kDate).ends_with("+00:00"));
  EXPECT_GT(std::stod(kept.header(kTimestamp)), 1.7e9);
}

TEST(EncodePlan, ARawChannelHasNoHeadersUnlessATraceContinues) {
  const v1::Image image = image_with_frame(7);
  const Kept alone{image, request(Codec::kRaw, detail::stamp_target(image))};
  ASSERT_FALSE(alone.failure);
  EXPECT_TRUE(alone.headers.empty());

  const Trace trace{.id = Text<32>::of("5c6aa2d2e78711f09d3a0242ac120002")};
  auto continued = request(Codec::kRaw, detail::stamp_target(image));
  continued.incoming = &trace;
  const Kept traced{image, continued};
  ASSERT_FALSE(traced.failure);
  ASSERT_EQ(traced.headers.size(), 1U);
  EXPECT_EQ(parse_traceparent(traced.header(kTraceparent))->id.view(), trace.id.view());
}

TEST(EncodePlan, SaysAtLeastWhatTheValueTakesAndWritesTheSameAgain) {
  std::mt19937 random{7};
  v1::Image image = image_with_frame(7);
  for (int i = 0; i < 100'000; ++i) image.mutable_image_data()->push_back(static_cast<char>(random()));
  for (const Codec codec : {Codec::kRaw, Codec::kZlib}) {
    const EncodeRequest asked = request(codec, detail::stamp_target(image));
    const EncodePlan plan{image, asked};
    ASSERT_FALSE(plan.failure());
    std::string first(plan.most_bytes(), '\0');
    std::string second(plan.most_bytes(), '\1');
    const auto written = plan.write(first.data());
    ASSERT_FALSE(written.failure);
    ASSERT_LE(written.bytes, plan.most_bytes());
    ASSERT_EQ(plan.write(second.data()).bytes, written.bytes);
    EXPECT_EQ(first.substr(0, written.bytes), second.substr(0, written.bytes));
  }
}

TEST(EncodePlan, RefusesAMessageThatTheStampTakesAboveTheLimit) {
  const v1::Image image = image_with_frame(7);
  auto limited = request(Codec::kRaw, detail::stamp_target(image));
  limited.max_message_bytes = image.ByteSizeLong();
  const Kept kept{image, limited};
  ASSERT_TRUE(kept.failure);
  EXPECT_EQ(kept.failure->code, errc::message_too_large);
}

TEST(EncodePlan, SaysTheSizeOfWhatAReaderMayHaveNoRoomFor) {
  v1::Image image;
  const Kept small{image, request(Codec::kZlib, detail::stamp_target(image))};
  ASSERT_FALSE(small.failure);
  EXPECT_EQ(small.header(kSize), "(none)");

  image.set_image_data(std::string(kSmallestRoom, 'x'));
  const Kept large{image, request(Codec::kZlib, detail::stamp_target(image))};
  ASSERT_FALSE(large.failure);
  EXPECT_EQ(large.header(kSize), std::to_string(large.message_bytes));
  Scratch scratch;
  EXPECT_EQ(inflate(large.value, 1 << 20, 0, scratch).bytes.size(), large.message_bytes);
}

TEST(EncodePlan, ATraceparentOfTheCallersWins) {
  const v1::Image image = image_with_frame(7);
  const std::vector<Header> headers{{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
  auto named = request(Codec::kZlib, detail::stamp_target(image));
  named.user_headers = headers;
  const Kept kept{image, named};
  ASSERT_FALSE(kept.failure);
  EXPECT_EQ(kept.header(kTraceparent), headers[0].value);
  EXPECT_EQ(kept.headers.size(), 2U);
  Scratch scratch;
  v1::Image read;
  const auto inflated = inflate(kept.value, 1 << 20, 0, scratch);
  ASSERT_TRUE(read.ParseFromArray(inflated.bytes.data(), static_cast<int>(inflated.bytes.size())));
  EXPECT_EQ(read._message_data().trace_id(), "0af7651916cd43dd8448eb211c80319c");
}

TEST(EncodePlan, KeepsTheCallersHeadersButThoseThatDescribeAnotherRecord) {
  const std::vector<Header> headers{{"mine", "1"},
                                    {"content-encoding", "deflate"},
                                    {"conveyor-uuid", "5c6aa1b0-e787-11f0-9d3a-0242ac120002"},
                                    {"conveyor-sending-service", "another"},
                                    {"conveyor-environment", "PRODUCTION"},
                                    {"conveyor-iso-date", "2026-01-02T03:04:05+00:00"},
                                    {"conveyor-timestamp", "1.5"},
                                    {"conveyor-size", "100006"},
                                    {"conveyor-replayed-from", "orders-dlt/0/17"},
                                    {"conveyor-dlt-topic", "orders"},
                                    {"conveyor-belt", "the user's own"},
                                    {"mine", "", true}};
  const v1::Image image = image_with_frame(7);
  auto raw = request(Codec::kRaw, detail::stamp_target(image));
  raw.user_headers = headers;
  const Kept kept{image, raw};
  ASSERT_FALSE(kept.failure);
  ASSERT_EQ(kept.headers.size(), 5U);
  EXPECT_EQ(kept.headers[0].value, "1");
  EXPECT_EQ(kept.headers[1].name, "conveyor-dlt-topic");
  EXPECT_EQ(kept.headers[2].name, "conveyor-belt");
  EXPECT_TRUE(kept.headers[3].is_null);
  EXPECT_EQ(kept.header(kContentEncoding), "identity");

  v1::Classification plain;
  auto zlib = request(Codec::kZlib);
  zlib.user_headers = headers;
  const Kept zlib_kept{plain, zlib};
  ASSERT_FALSE(zlib_kept.failure);
  EXPECT_EQ(zlib_kept.header(kContentEncoding), "deflate");
  EXPECT_EQ(zlib_kept.header(kService), "camera");
  for (const auto name : {kContentEncoding, kUuid, kService, kEnvironment, kDate, kTimestamp, kTraceparent}) {
    EXPECT_EQ(std::ranges::count(zlib_kept.headers, name, &Header::name), 1) << name;
  }
  EXPECT_EQ(zlib_kept.header(kSize), "(none)");
}

TEST(EncodePlan, RefusesAMessageAboveTheLimitAndNamesTheSetting) {
  v1::Image image;
  image.set_image_data(std::string(1'000, 'x'));
  auto limited = request(Codec::kZlib, detail::stamp_target(image));
  limited.max_message_bytes = 1'000;
  const Kept kept{image, limited};
  ASSERT_TRUE(kept.failure);
  EXPECT_EQ(kept.failure->code, errc::message_too_large);
  EXPECT_NE(kept.failure->text.find("Config::max_message_bytes = 1000"), std::string::npos) << kept.failure->text;
  EXPECT_TRUE(kept.value.empty());
}

TEST(EncodePlan, RefusesWhatNoParserWouldReadAndNamesTheField) {
  v1::Classification message;
  message.set_label("caf\xe9");
  for (const Codec codec : {Codec::kRaw, Codec::kZlib}) {
    const Kept kept{message, request(codec)};
    ASSERT_TRUE(kept.failure);
    EXPECT_EQ(kept.failure->code, errc::encode);
    EXPECT_NE(kept.failure->text.find("the string conveyor.v1.Classification.label is not UTF-8"), std::string::npos)
        << kept.failure->text;
    EXPECT_TRUE(kept.value.empty());
  }
}

TEST(EncodePlan, RefusesAForwardedStampThatNobodyWouldRead) {
  v1::Image image = image_with_frame(7);
  image.mutable__message_data()->set_sending_service("caf\xe9");  // ours is written behind it
  const Kept kept{image, request(Codec::kZlib, detail::stamp_target(image))};
  ASSERT_TRUE(kept.failure);
  EXPECT_NE(kept.failure->text.find("conveyor.v1.Metadata.sending_service"), std::string::npos);
}

}  // namespace
}  // namespace conveyor::codec
