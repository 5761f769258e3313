#include "conveyor/vision/fake.h"

#include <opencv2/core/mat.hpp>
#include <utility>

namespace conveyor::vision {
namespace {

using Script = std::function<void(const cv::Mat& image, Outcome& outcome)>;

class Scripted final : public Classifier {
 public:
  Scripted(std::string_view name, Script script, InputSpec input)
      : name_(name), script_(std::move(script)), input_(input) {}

  std::string_view name() const override { return name_; }
  InputSpec input() const override { return input_; }
  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) script_(images[i], outcomes[i]);
  }

 private:
  std::string_view name_;
  Script script_;
  InputSpec input_;
};

}  // namespace

std::shared_ptr<const Model> constant(Outcome outcome, InputSpec input) {
  Script script = [outcome = std::move(outcome)](const cv::Mat&, Outcome& out) { out = outcome; };
  return model_of<Scripted>(std::string_view("constant"), std::move(script), input);
}

std::shared_ptr<const Model> scripted(Script script, InputSpec input) {
  return model_of<Scripted>(std::string_view("scripted"), std::move(script), input);
}

}  // namespace conveyor::vision
