#include "codec/encode.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/zlib.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"

namespace conveyor::codec {
namespace {

class Kept final : public Destination {
 public:
  char* allocate(std::size_t most, std::span<const HeaderView> given) override {
    value.resize(most);
    for (const HeaderView& one : given) {
      headers.push_back({std::string(one.name), std::string(one.value), one.is_null()});
    }
    return value.data();
  }
  void filled(std::size_t size) override {
    value.resize(size);
    is_filled = true;
  }
  [[nodiscard]] std::string header(std::string_view name) const {
    const Header* found = last_header(headers, name);
    return found != nullptr ? found->value : "(none)";
  }

  std::string value;
  bool is_filled = false;
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

TEST(Encode, StampsAndCompressesWithoutTouchingTheMessage) {
  const v1::Image image = image_with_frame(7);
  Kept kept;
  ASSERT_FALSE(encode(image, request(Codec::kZlib, detail::stamp_target(image)), kept).failure);
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

TEST(Encode, KeepsTheTraceAForwardedMessageCarries) {
  v1::Image image = image_with_frame(7);
  image.mutable__message_data()->set_trace_id("5c6aa2d2e78711f09d3a0242ac120002");
  Kept kept;
  ASSERT_FALSE(encode(image, request(Codec::kZlib, detail::stamp_target(image)), kept).failure);
  EXPECT_EQ(parse_traceparent(kept.header(kTraceparent))->id.view(), "5c6aa2d2e78711f09d3a0242ac120002");
}

TEST(Encode, ReplacesATraceIdThatIsNone) {
  v1::Image image = image_with_frame(7);
  image.mutable__message_data()->set_trace_id("not hex");
  Kept kept;
  ASSERT_FALSE(encode(image, request(Codec::kRaw, detail::stamp_target(image)), kept).failure);
  v1::Image read;
  ASSERT_TRUE(read.ParseFromString(kept.value));
  EXPECT_TRUE(is_trace_id(read._message_data().trace_id())) << read._message_data().trace_id();
}

TEST(Encode, PutsTheFactsIntoHeadersWhereTheMessageHasNoField) {
  v1::Classification message;
  message.set_label("egg");
  Kept kept;
  ASSERT_FALSE(encode(message, request(Codec::kZlib), kept).failure);
  EXPECT_EQ(kept.header(kService), "camera");
  EXPECT_EQ(kept.header(kEnvironment), "STAGING");
  EXPECT_EQ(kept.header(kUuid).size(), 36U);
  EXPECT_TRUE(kept.header(kDate).ends_with("+00:00"));
  EXPECT_GT(std::stod(kept.header(kTimestamp)), 1.7e9);
}

TEST(Encode, ARawChannelHasNoHeadersUnlessATraceContinues) {
  const v1::Image image = image_with_frame(7);
  Kept alone;
  ASSERT_FALSE(encode(image, request(Codec::kRaw, detail::stamp_target(image)), alone).failure);
  EXPECT_TRUE(alone.headers.empty());

  const Trace trace{.id = Text<32>::of("5c6aa2d2e78711f09d3a0242ac120002")};
  auto continued = request(Codec::kRaw, detail::stamp_target(image));
  continued.incoming = &trace;
  Kept traced;
  ASSERT_FALSE(encode(image, continued, traced).failure);
  ASSERT_EQ(traced.headers.size(), 1U);
  EXPECT_EQ(parse_traceparent(traced.header(kTraceparent))->id.view(), trace.id.view());
}

TEST(Encode, SaysTheSizeOfWhatAReaderMayHaveNoRoomFor) {
  v1::Image image;
  Kept small;
  ASSERT_FALSE(encode(image, request(Codec::kZlib, detail::stamp_target(image)), small).failure);
  EXPECT_EQ(small.header(kSize), "(none)");

  image.set_image_data(std::string(kSmallestRoom, 'x'));
  Kept large;
  const auto encoded = encode(image, request(Codec::kZlib, detail::stamp_target(image)), large);
  ASSERT_FALSE(encoded.failure);
  EXPECT_EQ(large.header(kSize), std::to_string(encoded.message_bytes));
  Scratch scratch;
  EXPECT_EQ(inflate(large.value, 1 << 20, 0, scratch).bytes.size(), encoded.message_bytes);
}

TEST(Encode, ATraceparentOfTheCallersWins) {
  const v1::Image image = image_with_frame(7);
  const std::vector<Header> headers{{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
  auto named = request(Codec::kZlib, detail::stamp_target(image));
  named.user_headers = headers;
  Kept kept;
  ASSERT_FALSE(encode(image, named, kept).failure);
  EXPECT_EQ(kept.header(kTraceparent), headers[0].value);
  EXPECT_EQ(kept.headers.size(), 2U);
  Scratch scratch;
  v1::Image read;
  const auto inflated = inflate(kept.value, 1 << 20, 0, scratch);
  ASSERT_TRUE(read.ParseFromArray(inflated.bytes.data(), static_cast<int>(inflated.bytes.size())));
  EXPECT_EQ(read._message_data().trace_id(), "0af7651916cd43dd8448eb211c80319c");
}

TEST(Encode, KeepsTheCallersHeadersButThoseThatDescribeAnotherRecord) {
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
  Kept kept;
  ASSERT_FALSE(encode(image, raw, kept).failure);
  ASSERT_EQ(kept.headers.size(), 5U);
  EXPECT_EQ(kept.headers[0].value, "1");
  EXPECT_EQ(kept.headers[1].name, "conveyor-dlt-topic");
  EXPECT_EQ(kept.headers[2].name, "conveyor-belt");
  EXPECT_TRUE(kept.headers[3].is_null);
  EXPECT_EQ(kept.header(kContentEncoding), "identity");

  v1::Classification plain;
  auto zlib = request(Codec::kZlib);
  zlib.user_headers = headers;
  Kept zlib_kept;
  ASSERT_FALSE(encode(plain, zlib, zlib_kept).failure);
  EXPECT_EQ(zlib_kept.header(kContentEncoding), "deflate");
  EXPECT_EQ(zlib_kept.header(kService), "camera");
  for (const auto name : {kContentEncoding, kUuid, kService, kEnvironment, kDate, kTimestamp, kTraceparent}) {
    EXPECT_EQ(std::ranges::count(zlib_kept.headers, name, &Header::name), 1) << name;
  }
  EXPECT_EQ(zlib_kept.header(kSize), "(none)");
}

TEST(Encode, RefusesAMessageAboveTheLimitAndNamesTheSetting) {
  v1::Image image;
  image.set_image_data(std::string(1'000, 'x'));
  auto limited = request(Codec::kZlib, detail::stamp_target(image));
  limited.max_message_bytes = 1'000;
  Kept kept;
  const auto result = encode(image, limited, kept);
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->code, errc::message_too_large);
  EXPECT_NE(result.failure->text.find("Config::max_message_bytes = 1000"), std::string::npos) << result.failure->text;
  EXPECT_TRUE(kept.value.empty());
}

TEST(Encode, RefusesWhatNoParserWouldReadAndNamesTheField) {
  v1::Classification message;
  message.set_label("caf\xe9");
  for (const Codec codec : {Codec::kRaw, Codec::kZlib}) {
    Kept kept;
    const auto result = encode(message, request(codec), kept);
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->code, errc::encode);
    EXPECT_NE(result.failure->text.find("the string conveyor.v1.Classification.label is not UTF-8"), std::string::npos)
        << result.failure->text;
    EXPECT_FALSE(kept.is_filled);
  }
}

TEST(Encode, RefusesAForwardedStampThatNobodyWouldRead) {
  v1::Image image = image_with_frame(7);
  image.mutable__message_data()->set_sending_service("caf\xe9");  // ours is written behind it
  Kept kept;
  const auto result = encode(image, request(Codec::kZlib, detail::stamp_target(image)), kept);
  ASSERT_TRUE(result.failure);
  EXPECT_NE(result.failure->text.find("conveyor.v1.Metadata.sending_service"), std::string::npos);
}

}  // namespace
}  // namespace conveyor::codec
