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
  const auto message = testing::message(v1::Image{}, {.key = "k", .error = errc::tombstone});
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

TEST(Headers, AreAListThatIsCopiedAndMoved) {
  const Headers made{{"a", "1"}, {"a", "2"}};
  Headers copied = made;
  const Headers moved = std::move(copied);
  EXPECT_EQ(moved.size(), 2U);
  EXPECT_EQ(moved[1].value, "2");
  std::string all;
  for (const Header& header : moved) all += header.name + "=" + header.value + " ";
  EXPECT_EQ(all, "a=1 a=2 ");
  Headers assigned = std::vector<Header>{{"b", "3"}};
  EXPECT_FALSE(assigned.empty());
  assigned = made;
  EXPECT_EQ(assigned.all().front().value, "1");
  assigned = {};
  EXPECT_TRUE(assigned.empty());
}

TEST(Recycled, KeepsTheMemoryOfTheMetadataAndNothingInIt) {
  v1::Image image;
  image.set_frame(7);
  image.mutable__message_data()->set_uuid("a uuid that is not short enough for a string of its own");
  image.mutable__message_data()->set_offset(3);
  const auto* data = &image._message_data();
  detail::recycled(image);
  EXPECT_EQ(image.frame(), 0);
  EXPECT_EQ(&image._message_data(), data);
  EXPECT_EQ(image._message_data().SerializeAsString(), "");

  v1::Image fresh;
  detail::recycled(fresh);
  EXPECT_FALSE(fresh.has__message_data());
}

}  // namespace
}  // namespace conveyor
