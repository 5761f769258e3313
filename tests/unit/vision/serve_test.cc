#include "conveyor/vision/serve.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>
#include <set>
#include <string>
#include <thread>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/testing/embedded_broker.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/v1/processed_image.pb.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/fake.h"
#include "conveyor/worker.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

using namespace std::chrono_literals;

constexpr Channel<v1::Image> kImages{"images"};
constexpr Channel<v1::Prediction> kPredictions{"predictions"};
constexpr Channel<v1::ProcessedImage> kProcessed{"processed"};

class Brightness final : public Classifier {
 public:
  std::string_view name() const override { return "brightness"; }
  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) {
      const double mean = cv::mean(images[i])[0] / 255;
      outcomes[i].add_label(mean > 0.5 ? "bright" : "dark", mean);
    }
  }
};

v1::Image picture(int frame) {
  v1::Image image;
  to_image(cv::Mat(10, 20, CV_8UC3, cv::Scalar::all(frame * 25)), image);
  image.set_frame(frame);
  return image;
}

void send_ten(const Config& config) {
  Producer producer{config};
  for (int frame = 0; frame < 10; ++frame)
    producer.send(kImages, picture(frame), {.key = "camera-" + std::to_string(frame)});
  ASSERT_EQ(producer.flush(10s).delivered, 10U);
}

/// Runs the worker until ten messages have arrived at its output, each given to check.
template <class T, class Check>
void run_until_ten(Worker& worker, const Config& config, const Channel<T>& output, Check check) {
  std::jthread running([&](std::stop_token stop) { worker.run(stop); });
  std::stop_source enough;
  std::jthread limit([&](std::stop_token done) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, done, 60s, [] { return false; });
    enough.request_stop();
  });
  Consumer consumer{config, output, {.stop = enough.get_token()}};
  std::set<std::int64_t> frames;
  for (const auto& message : consumer) {
    frames.insert(check(message));
    if (frames.size() == 10) break;
  }
  EXPECT_EQ(frames.size(), 10U);
}

TEST(Serve, SendsAPredictionForEachImage) {
  testing::EmbeddedBroker broker{{.topics = {{"images", 2}, {"predictions", 2}}}};
  send_ten(broker.config());
  Worker worker{broker.config("labelling"), {.threads = 2}};
  serve(worker, kImages, kPredictions, model_of<Brightness>(), {.preprocess = "resize(8,8)"});
  EXPECT_EQ(cv::getNumThreads(), 1);
  run_until_ten(worker, broker.config("display"), kPredictions, [](const Message<v1::Prediction>& message) {
    const v1::Prediction& prediction = message.value();
    EXPECT_EQ(message.key(), "camera-" + std::to_string(prediction.frame()));
    EXPECT_EQ(prediction.object(0), prediction.frame() * 25 > 127 ? "bright" : "dark");
    EXPECT_EQ(prediction.preprocess(), "resize(8,8)");
    EXPECT_EQ(prediction.input().topic(), "images");
    EXPECT_EQ(prediction.input().uuid().size(), 36U);
    EXPECT_GT(prediction.timings().wait_us(), 0);
    return prediction.frame();
  });
}

TEST(Serve, SendsTheImageOnWithItsPrediction) {
  testing::EmbeddedBroker broker{{.topics = {{"images", 1}, {"processed", 1}}}};
  send_ten(broker.config());
  Worker worker{broker.config("labelling")};
  serve(worker, kImages, kProcessed, model_of<Brightness>());
  run_until_ten(worker, broker.config("display"), kProcessed, [](const Message<v1::ProcessedImage>& message) {
    const v1::ProcessedImage& processed = message.value();
    EXPECT_EQ(processed.image().image_data(), picture(static_cast<int>(processed.image().frame())).image_data());
    EXPECT_EQ(processed.prediction().frame(), processed.image().frame());
    EXPECT_EQ(processed.image()._message_data().uuid(), processed.prediction().input().uuid());
    return processed.prediction().frame();
  });
}

TEST(Serve, StopsAtAnImageItCannotReadAndNamesIt) {
  testing::EmbeddedBroker broker{{.topics = {{"images", 1}, {"predictions", 1}}}};
  Producer producer{broker.config()};
  v1::Image bad = picture(0);
  bad.set_height(-10);
  producer.send(kImages, bad);
  producer.flush(10s);
  Worker worker{broker.config("labelling")};
  serve(worker, kImages, kPredictions, model_of<Brightness>());
  try {
    std::stop_source never;
    worker.run(never.get_token());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("record images [0] at offset 0: image of frame 0"), std::string::npos) << what;
    EXPECT_NE(what.find("20 x -10"), std::string::npos) << what;
  }
}

TEST(Serve, RefusesAtOnceWhatCannotWork) {
  testing::EmbeddedBroker broker;
  Worker worker{broker.config("labelling")};
  EXPECT_ERROR(errc::invalid_config, "did you mean resize",
               serve(worker, kImages, kPredictions, model_of<Brightness>(), {.preprocess = "resiz(8,8)"}));
  EXPECT_ERROR(errc::invalid_config, "warm-up",
               serve(worker, kImages, kPredictions, scripted([](const cv::Mat&, Outcome&) {})));
}

}  // namespace
}  // namespace conveyor::vision
