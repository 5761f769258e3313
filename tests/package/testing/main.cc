// A message sent, transformed by a worker and received again, through the embedded broker; and a handler without one.
#include <conveyor/consumer.h>
#include <conveyor/producer.h>
#include <conveyor/testing/embedded_broker.h>
#include <conveyor/testing/handler.h>
#include <conveyor/v1/image.pb.h>
#include <conveyor/v1/prediction.pb.h>
#include <conveyor/worker.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stop_token>
#include <thread>
#include <utility>

namespace {

using namespace std::chrono_literals;

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};
constexpr conveyor::Channel<conveyor::v1::Prediction> kPredictions{"predictions"};

void expect(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "FAILED: %s\n", what);
  std::exit(1);
}

conveyor::v1::Prediction label(const conveyor::Message<conveyor::v1::Image>& message, conveyor::Context&) {
  conveyor::v1::Prediction prediction;
  prediction.set_frame(message.value().frame());
  prediction.add_object("person");
  return prediction;
}

void handler_without_a_broker() {
  conveyor::v1::Image image;
  image.set_frame(7);
  conveyor::testing::RecordingContext context;
  const auto message = conveyor::testing::message(image);
  expect(label(message, context).frame() == 7, "the handler sees the message");
  context.send(kPredictions, label(message, context));
  expect(context.sent(kPredictions).size() == 1, "the context keeps what was sent");
}

void through_the_broker() {
  conveyor::testing::EmbeddedBroker broker;
  {
    conveyor::Producer producer{broker.config()};
    conveyor::v1::Image image;
    image.set_frame(7);
    producer.send(kImages, image, {.key = "camera-1"});
    expect(producer.flush(10s).delivered == 1, "the image is delivered");
  }
  std::jthread service([&](const std::stop_token& stop) {
    conveyor::Worker worker{broker.config("labelling")};
    worker.transform(kImages, kPredictions, label);
    worker.run(stop);
  });
  conveyor::Consumer consumer{broker.config("display"), kPredictions};
  const auto* message = consumer.next(30s);
  expect(message != nullptr && message->value().frame() == 7, "the prediction comes back");
  expect(message->key() == "camera-1", "with the key of the image");
  expect(!message->metadata().uuid.empty(), "and stamped");
  expect(broker.overflows().empty(), "nothing was thrown away");
}

}  // namespace

int main() {
  handler_without_a_broker();
  through_the_broker();
  std::puts("testing: all used");
}
