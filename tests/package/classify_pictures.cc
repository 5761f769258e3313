// classify_pictures: sends pictures to VideoStream, and ends well once each has the right answer in Predictions.
#include <conveyor/consumer.h>
#include <conveyor/producer.h>
#include <conveyor/v1/image.pb.h>
#include <conveyor/v1/prediction.pb.h>
#include <conveyor/vision/image.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <opencv2/core.hpp>
#include <set>

using namespace std::chrono_literals;

inline constexpr conveyor::Channel<conveyor::v1::Image> kImages{"VideoStream"};
inline constexpr conveyor::Channel<conveyor::v1::Prediction> kPredictions{"Predictions"};

int main() try {
  constexpr int kPictures = 20;
  conveyor::Config config = conveyor::Config::from_env();
  config.group = "classify_pictures";
  conveyor::Producer producer{config};
  for (int frame = 0; frame < kPictures; ++frame) {
    conveyor::v1::Image image;
    conveyor::vision::to_image(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(frame % 2 == 0 ? 220 : 30)), image);
    image.set_frame(frame);
    producer.send(kImages, image);
  }
  if (producer.flush(30s).left > 0) throw std::runtime_error("the pictures were not delivered");
  std::set<std::int64_t> right;
  conveyor::Consumer consumer{config, kPredictions};
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (right.size() < kPictures && std::chrono::steady_clock::now() < deadline) {
    const auto* message = consumer.next(500ms);
    if (message == nullptr) continue;
    const auto& prediction = message->value();
    if (prediction.object(0) == (prediction.frame() % 2 == 0 ? "bright" : "dark")) right.insert(prediction.frame());
  }
  std::printf("%zu of %d pictures were answered rightly\n", right.size(), kPictures);
  return right.size() == kPictures ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "classify_pictures: %s\n", error.what());
  return 1;
}
