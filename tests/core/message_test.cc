#include "conveyor/message.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"

namespace conveyor {
namespace {

static_assert(!std::is_copy_constructible_v<Message<v1::Image>>);
static_assert(std::is_nothrow_move_constructible_v<Message<v1::Image>>);

TEST(Message, ShowsWhereItCameFromInItsMetadata) {
  v1::Image image;
  image.mutable__message_data()->set_uuid("u");
  const auto message = testing::message(image, {.topic = "t", .partition = 3, .offset = 42});
  EXPECT_EQ(message.metadata().uuid, "u");
  EXPECT_EQ(message.metadata().offset, 42);
  EXPECT_EQ(message.metadata().partition, 3);
  EXPECT_EQ(message.value()._message_data().offset(), 42);
}

TEST(Message, AnUndecodableOneThrowsWhatIsWrongAndWhere) {
  const auto message =
      testing::undecodable_message<v1::Image>("its bytes are wrong", {.topic = "t", .partition = 3, .offset = 42});
  EXPECT_FALSE(message.has_value());
  EXPECT_FALSE(message.is_tombstone());
  try {
    (void)message.value();
    FAIL();
  } catch (const DecodeError& error) {
    EXPECT_STREQ(error.what(), "record t [3] at offset 42 cannot be decoded: its bytes are wrong");
    EXPECT_EQ(error.code(), errc::decode);
  }
}

TEST(Message, ATombstoneHasNoValueButAKey) {
  const auto message = testing::message(v1::Image{}, {.key = "k", .has_key = true, .error = errc::tombstone});
  EXPECT_TRUE(message.is_tombstone());
  EXPECT_EQ(message.key(), "k");
  EXPECT_THROW((void)message.value(), Error);
}

TEST(Message, WithoutTheFieldTheHeadersCarryTheFacts) {
  const auto message = testing::message(
      v1::Classification{}, {.partition = 1,
                             .offset = 2,
                             .headers = {{"conveyor-uuid", "u"},
                                         {"conveyor-sending-service", "camera"},
                                         {"conveyor-environment", "PRODUCTION"},
                                         {"conveyor-iso-date", "2026-01-02T03:04:05+00:00"},
                                         {"conveyor-timestamp", "1767323045.5"},
                                         {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}});
  const MetadataView metadata = message.metadata();
  EXPECT_EQ(metadata.uuid, "u");
  EXPECT_EQ(metadata.sending_service, "camera");
  EXPECT_EQ(metadata.environment, Environment::kProduction);
  EXPECT_EQ(metadata.iso_date, "2026-01-02T03:04:05+00:00");
  EXPECT_EQ(metadata.timestamp, 1767323045.5);
  EXPECT_EQ(metadata.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(metadata.offset, 2);
}

TEST(Channel, NamedAtRunTimeOutlivesItsName) {
  std::string name = "run-time-name";
  const auto channel = Channel<v1::Image>::named(name);
  name.assign("overwritten!!");
  EXPECT_EQ(channel.topic(), "run-time-name");
}

TEST(Channel, RefusesIllegalNamesAndLevels) {
  for (const char* wrong : {"", ".", "..", "with space", "with/slash", "ümlaut"}) {
    EXPECT_THROW((void)Channel<v1::Image>::named(wrong), Error) << wrong;
  }
  EXPECT_THROW((void)Channel<v1::Image>::named(std::string(250, 'x')), Error);
  EXPECT_NO_THROW((void)Channel<v1::Image>::named(std::string(249, 'x')));
  EXPECT_THROW((void)Channel<v1::Image>::named("x", {.level = 13}), Error);
  EXPECT_THROW((void)Channel<v1::Image>::named("x", {.level = 0}), Error);
}

TEST(RecordingContext, KeepsWhatAHandlerSends) {
  static constexpr Channel<v1::Prediction> kPredictions{"Predictions"};
  testing::RecordingContext context{2};
  v1::Prediction prediction;
  prediction.set_frame(5);
  static_cast<Context&>(context).send(kPredictions, prediction, {.key = "k"});
  ASSERT_EQ(context.sent(kPredictions).size(), 1U);
  EXPECT_EQ(context.sent(kPredictions)[0].frame(), 5);
  EXPECT_EQ(context.sent()[0].key, "k");
  EXPECT_EQ(context.attempt(), 2);
}

}  // namespace
}  // namespace conveyor
