// The pieces of code that README.md shows and that are not whole files of the examples.

#include <conveyor/testing/embedded_broker.h>
#include <conveyor/testing/handler.h>
#include <conveyor/worker.h>
#include <gtest/gtest.h>

#include <chrono>
#include <span>
#include <stop_token>
#include <thread>

#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"

namespace {

using conveyor::v1::Image;
using conveyor::v1::Prediction;

inline constexpr conveyor::Channel<Image> kImages{"VideoStream"};
inline constexpr conveyor::Channel<Prediction> kPredictions{"Predictions"};

Prediction label(const Image& image) {
  Prediction prediction;
  prediction.set_frame(image.frame());
  prediction.add_object(image.height() > 100 ? "tall" : "small");
  return prediction;
}

// [handler]
Prediction handle(const conveyor::Message<Image>& message, conveyor::Context& context) {
  if (message.value().frame() == 0) context.send(kPredictions, label(Image{}), {.key = "start"});
  return label(message.value());
}
// [/handler]

void run_service(const conveyor::Config& config, const std::stop_token& stop) {
  // [service]
  conveyor::Worker worker{config, {.threads = 2}};
  worker.transform(kImages, kPredictions, [](const auto& message) { return label(message.value()); });
  worker.run(stop);  // a program calls run(), which returns after SIGINT (Ctrl-C) or SIGTERM
  // [/service]
}

void run_batch_service(const conveyor::Config& config, const std::stop_token& stop) {
  conveyor::Worker worker{config, {.threads = 2}};
  // [batch]
  const auto label_all = [](std::span<conveyor::BatchItem<Image, Prediction>> items) {
    for (auto& item : items) item.reply(label(item.message().value()));  // or item.fail(...), which fails this one only
  };
  worker.transform_batch(kImages, kPredictions, label_all,
                         {.max_batch = 16, .max_delay = std::chrono::milliseconds(2)});
  // [/batch]
  worker.run(stop);
}

// [handler-test]
TEST(Handler, NamesTallImages) {
  Image image;
  image.set_height(200);
  conveyor::testing::RecordingContext context;
  EXPECT_EQ(handle(conveyor::testing::message(image, {.key = "camera-1"}), context).object(0), "tall");
  EXPECT_EQ(context.sent(kPredictions).at(0).object(0), "small");
}
// [/handler-test]

class Service : public testing::TestWithParam<void (*)(const conveyor::Config&, const std::stop_token&)> {};

TEST_P(Service, AnswersOnTheEmbeddedBroker) {
  std::stop_source stop;
  // [embedded]
  conveyor::testing::EmbeddedBroker broker;  // a Kafka in one line, which other processes reach too
  conveyor::Producer producer{broker.config()};
  // [/embedded]
  Image image;
  image.set_frame(7);
  producer.send(kImages, image);
  ASSERT_EQ(producer.flush(std::chrono::seconds(10)).delivered, 1U);

  const std::jthread service{[&] { GetParam()(broker.config("service"), stop.get_token()); }};
  conveyor::Consumer consumer{broker.config("test"), kPredictions};
  const auto* message = consumer.next(std::chrono::seconds(30));
  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->value().frame(), 7);
  stop.request_stop();
}
INSTANTIATE_TEST_SUITE_P(OneByOneAndInBatches, Service, testing::Values(run_service, run_batch_service));

}  // namespace
