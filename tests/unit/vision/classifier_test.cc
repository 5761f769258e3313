#include "conveyor/vision/classifier.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "conveyor/vision/fake.h"

namespace conveyor::vision {
namespace {

// As a user writes it.
class Brightness final : public conveyor::vision::Classifier {
 public:
  explicit Brightness(double threshold = 0.5) : threshold_(threshold) {}
  std::string_view name() const override { return "brightness"; }
  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) {
      double mean = cv::mean(images[i])[0] / 255;
      outcomes[i].add_label(mean > threshold_ ? "bright" : "dark", mean);
    }
  }

 private:
  double threshold_;
};

Outcome classify(const Model& model, const cv::Mat& image) {
  std::array<Outcome, 1> outcomes;
  model.new_classifier()->classify(std::array{image}, outcomes);
  return outcomes[0];
}

TEST(ModelOf, MakesClassifiersFromItsArguments) {
  const cv::Mat gray(2, 2, CV_8UC1, cv::Scalar(100));
  EXPECT_EQ(model_of<Brightness>()->card().name, "brightness");
  EXPECT_EQ(classify(*model_of<Brightness>(), gray).labels().at(0).name, "dark");
  const auto model = model_of<Brightness>(0.25);
  EXPECT_EQ(classify(*model, gray).labels().at(0).name, "bright");
  EXPECT_NE(model->new_classifier(), model->new_classifier());
}

TEST(Outcome, FailuresOutweighPredictions) {
  Outcome outcome;
  EXPECT_EQ(outcome.kind(), Outcome::Kind::kUnset);
  outcome.add_label("cat", 0.5, 3);
  outcome.add_detection("dog", 0.25, {1, 2, 3, 4});
  EXPECT_EQ(outcome.kind(), Outcome::Kind::kPrediction);
  outcome.bad_input("too dark");
  outcome.nothing_found();
  EXPECT_EQ(outcome.kind(), Outcome::Kind::kBadInput);
  EXPECT_EQ(outcome.reason(), "too dark");
  outcome.reset();
  EXPECT_EQ(outcome.kind(), Outcome::Kind::kUnset);
  EXPECT_TRUE(outcome.labels().empty() && outcome.detections().empty() && outcome.reason().empty());
}

TEST(Fake, ConstantSaysTheSameOfEveryImage) {
  Outcome said;
  said.add_label("egg", 0.75, 1);
  const auto model = constant(said);
  EXPECT_EQ(model->card().name, "constant");
  for (int value : {0, 255}) {
    const Outcome outcome = classify(*model, cv::Mat(2, 2, CV_8UC1, cv::Scalar(value)));
    EXPECT_EQ(outcome.labels().at(0).name, "egg");
    EXPECT_EQ(outcome.labels().at(0).index, 1);
  }
}

}  // namespace
}  // namespace conveyor::vision
