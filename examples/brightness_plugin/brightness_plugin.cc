#include <conveyor/vision/plugin.h>

#include <opencv2/core.hpp>
#include <stdexcept>
#include <string>

namespace {

/// Says whether an image is bright or dark; the score is its mean, 0 to 1. Options: the mean above which it is bright.
class Brightness final : public conveyor::vision::Classifier {
 public:
  explicit Brightness(std::string_view options) : threshold_(options.empty() ? 0.5 : std::stod(std::string(options))) {
    if (!(threshold_ > 0 && threshold_ < 1)) throw std::invalid_argument("the threshold must be above 0 and below 1");
  }

  std::string_view name() const override { return "brightness"; }
  conveyor::vision::InputSpec input() const override { return {.channels = 1, .depth = CV_8U}; }
  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) {
      const double mean = cv::mean(images[i])[0] / 255;
      outcomes[i].add_label(mean > threshold_ ? "bright" : "dark", mean);
    }
  }

 private:
  double threshold_;
};

}  // namespace

CONVEYOR_CLASSIFIER_PLUGIN(Brightness);
