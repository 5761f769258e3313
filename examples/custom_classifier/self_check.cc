#include <conveyor/consumer.h>
#include <conveyor/producer.h>
#include <conveyor/testing/embedded_broker.h>
#include <conveyor/vision/image.h>

#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <thread>

#include "service.h"

bool self_check() {
  const conveyor::testing::EmbeddedBroker broker;
  std::stop_source stop;
  std::jthread service([&] {
    try {
      serve_brightness(broker.config("brightness"), stop.get_token());
    } catch (const std::exception& error) {
      std::cerr << "the service ended: " << error.what() << '\n';
    }
  });

  conveyor::Producer producer(broker.config());
  const std::map<int, std::string> expected{{0, "bright"}, {80, "bright"}, {255, "dark"}};  // of the negative
  for (const auto& [level, label] : expected) {
    conveyor::v1::Image image;
    conveyor::vision::to_image(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(level)), image);
    image.set_frame(level);
    producer.send(kImages, image, {.key = "camera-1"});
  }
  producer.flush(std::chrono::seconds(10));

  std::map<int, std::string> received;
  conveyor::Consumer consumer(broker.config("self-check"), kPredictions);
  while (received.size() < expected.size()) {
    const auto* message = consumer.next(std::chrono::seconds(20));
    if (!message) break;
    const conveyor::v1::Prediction& prediction = message->value();
    received[static_cast<int>(prediction.frame())] = prediction.object_size() == 1 ? prediction.object(0) : "";
    std::cout << "gray " << prediction.frame() << " is " << prediction.object(0) << " after " << prediction.preprocess()
              << '\n';
  }
  stop.request_stop();
  return received == expected;
}
