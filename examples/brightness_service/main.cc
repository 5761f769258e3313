// Labels the images of VideoStream bright or dark. Kafka is named by CONVEYOR_BOOTSTRAP_SERVERS, the group by
// CONVEYOR_GROUP.
#include <conveyor/v1/image.pb.h>
#include <conveyor/v1/prediction.pb.h>
#include <conveyor/vision/classifier.h>
#include <conveyor/vision/serve.h>
#include <conveyor/worker.h>

#include <cstdio>
#include <exception>
#include <opencv2/core.hpp>

inline constexpr conveyor::Channel<conveyor::v1::Image> kImages{"VideoStream"};
inline constexpr conveyor::Channel<conveyor::v1::Prediction> kPredictions{"Predictions"};

// [classifier]
class Brightness final : public conveyor::vision::Classifier {
 public:
  std::string_view name() const override { return "brightness"; }
  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) {
      const double mean = cv::mean(images[i])[0] / 255;
      outcomes[i].add_label(mean > 0.5 ? "bright" : "dark", mean);
    }
  }
};
// [/classifier]

int main() try {
  // [serve]
  conveyor::Worker worker{conveyor::Config::from_env()};
  conveyor::vision::serve(worker, kImages, kPredictions, conveyor::vision::model_of<Brightness>());
  worker.run();
  // [/serve]
} catch (const std::exception& error) {
  std::fprintf(stderr, "brightness_service: %s\n", error.what());
  return 1;
}
