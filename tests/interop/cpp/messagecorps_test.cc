// MessageCorps' own classes beside ours in one program: both start, are stamped, and read each other's records.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "conveyor/channel.h"
#include "conveyor/consumer.h"
#include "conveyor/metadata.h"
#include "conveyor/producer.h"
#include "conveyor/testing/embedded_broker.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "data/image.pb.h"
#include "predictions/prediction.pb.h"

namespace {

using namespace std::chrono_literals;

static_assert(conveyor::detail::CarriesMetadata<protobuf::data::Image>);
static_assert(conveyor::detail::CarriesMetadata<protobuf::predictions::Prediction>);
static_assert(conveyor::detail::CarriesMetadata<conveyor::v1::Image>);
static_assert(conveyor::detail::CarriesMetadata<conveyor::v1::Prediction>);

template <class Image>
constexpr conveyor::Channel<Image> kVideoStream{"VideoStream"};
template <class Prediction>
constexpr conveyor::Channel<Prediction> kPredictions{"Predictions"};

template <class Message>
void send(const conveyor::testing::EmbeddedBroker& broker, const conveyor::Channel<Message>& channel,
          const Message& message) {
  auto config = broker.config();
  config.service = "camera";
  config.environment = conveyor::Environment::kStaging;
  conveyor::Producer producer{config};
  producer.send(channel, message);
  ASSERT_EQ(producer.flush(20s).delivered, 1U);
}

/// What a message says, whichever class carries it.
void expect_stamped(const conveyor::MetadataView& metadata) {
  EXPECT_GT(metadata.timestamp, 1.6e9);
  EXPECT_EQ(metadata.environment, conveyor::Environment::kStaging);
  EXPECT_EQ(metadata.sending_service, "camera");
  EXPECT_EQ(metadata.uuid.size(), 36U);
  EXPECT_NE(metadata.iso_date.find("+00:00"), std::string_view::npos);
  EXPECT_EQ(metadata.trace_id.size(), 32U);
}

template <class Sent, class Received>
void travels() {
  const conveyor::testing::EmbeddedBroker broker;
  Sent image;
  image.set_image_data("this is just a test string");
  image.set_height(10);
  image.set_width(11);
  image.set_frame(7);
  send(broker, kVideoStream<Sent>, image);
  EXPECT_FALSE(image.has__message_data()) << "stamping never changes the sender's message";

  conveyor::Consumer consumer{broker.config("readers"), kVideoStream<Received>};
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->value().image_data(), "this is just a test string");
  EXPECT_EQ(message->value().height(), 10);
  EXPECT_EQ(message->value().width(), 11);
  EXPECT_EQ(message->value().frame(), 7);
  expect_stamped(message->metadata());
  EXPECT_EQ(message->value()._message_data().offset(), message->offset());
  EXPECT_EQ(message->value()._message_data().partition(), message->partition());
}

TEST(MessageCorps, ItsImageIsReadAsOurs) { travels<protobuf::data::Image, conveyor::v1::Image>(); }
TEST(MessageCorps, OurImageIsReadAsIts) { travels<conveyor::v1::Image, protobuf::data::Image>(); }
TEST(MessageCorps, ItsImageIsReadAsItself) { travels<protobuf::data::Image, protobuf::data::Image>(); }

TEST(MessageCorps, OurPredictionIsReadAsIts) {
  const conveyor::testing::EmbeddedBroker broker;
  conveyor::v1::Prediction prediction;
  prediction.add_object("person");
  prediction.add_object("dog");
  prediction.set_frame(7);
  prediction.add_detections()->set_label("person");  // which it does not know
  send(broker, kPredictions<conveyor::v1::Prediction>, prediction);

  conveyor::Consumer consumer{broker.config("readers"), kPredictions<protobuf::predictions::Prediction>};
  const auto* message = consumer.next(20s);
  ASSERT_NE(message, nullptr);
  ASSERT_EQ(message->value().object_size(), 2);
  EXPECT_EQ(message->value().object(1), "dog");
  EXPECT_EQ(message->value().frame(), 7);
  expect_stamped(message->metadata());
}

TEST(MessageCorps, BothSetsOfClassesAreRegistered) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  EXPECT_NE(pool->FindMessageTypeByName("protobuf.common.messageData"), nullptr);
  EXPECT_NE(pool->FindMessageTypeByName("conveyor.v1.Metadata"), nullptr);
}

}  // namespace
