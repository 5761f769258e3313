// A classifier and a preprocess step of a project's own, joined with what vision offers. No broker is needed.
#include <conveyor/error.h>
#include <conveyor/message.h>
#include <conveyor/v1/image.pb.h>
#include <conveyor/v1/prediction.pb.h>
#include <conveyor/vision/classifier.h>
#include <conveyor/vision/classifier_registry.h>
#include <conveyor/vision/delta_split.h>
#include <conveyor/vision/fake.h>
#include <conveyor/vision/hog.h>
#include <conveyor/vision/image.h>
#include <conveyor/vision/load_plugin.h>
#include <conveyor/vision/preprocess.h>
#include <conveyor/vision/serve.h>
#include <conveyor/vision/session.h>
#include <conveyor/vision/steps.h>
#include <conveyor/worker.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <opencv2/core.hpp>
#include <span>
#include <string>

namespace {

namespace vision = conveyor::vision;

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};
constexpr conveyor::Channel<conveyor::v1::Prediction> kPredictions{"predictions"};

void expect(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "FAILED: %s\n", what);
  std::exit(1);
}

class Brightness final : public vision::Classifier {
 public:
  std::string_view name() const override { return "brightness"; }
  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) {
      const double mean = cv::mean(images[i])[0];
      outcomes[i].add_label(mean > 127 ? "bright" : "dark", mean / 255);
    }
  }
};

class Invert final : public vision::PreprocessStep {
 public:
  void apply(const vision::Sample& in, vision::Sample& out) const override {
    cv::subtract(cv::Scalar::all(255), in.pixels, out.pixels);
    out.mask = in.mask;
  }
  std::string text() const override { return "invert"; }
};

vision::StepRegistry steps_with_invert() {
  vision::StepRegistry steps = vision::built_in_steps();
  steps.add("invert", [](const vision::StepArguments&) { return std::make_shared<Invert>(); });
  return steps;
}

}  // namespace

int main() {
  const auto steps = steps_with_invert();
  expect(steps.parse("resize(32,32) | invert").text() == "resize(32,32)|invert", "a chain prints as it is parsed");
  try {
    (void)steps.parse("resise(32,32)");
    expect(false, "an unknown step is refused");
  } catch (const conveyor::Error& error) {
    expect(error.code() == conveyor::errc::invalid_config, "an Error thrown in the library is caught outside");
  }

  vision::Scratch scratch;
  const vision::PreprocessChain chain{vision::median(3), vision::zscore(), vision::resize(32, 32)};
  expect(chain.run({.pixels = cv::Mat(48, 64, CV_16UC1, cv::Scalar(700))}, scratch).pixels.cols == 32, "steps run");

  conveyor::v1::Image image;
  const cv::Mat pixels(48, 64, CV_8UC3, cv::Scalar::all(10));
  vision::to_image(pixels, image);
  cv::Mat buffer;
  expect(vision::view(image).pixels.cols == 64 && vision::decode(image, buffer).rows == 48, "an image is seen again");
  std::string bytes;
  vision::encode_delta_split(pixels, bytes);
  vision::to_image(pixels, conveyor::v1::IMAGE_ENCODING_DELTA_SPLIT, image);
  expect(bytes == image.image_data() && vision::decode(image, buffer).rows == 48, "and one in delta_split");

  vision::Predictor predict{vision::model_of<Brightness>(), {.preprocess = "resize(32,32)|invert", .steps = steps}};
  const auto prediction = predict(conveyor::Message<conveyor::v1::Image>{{}, image});
  expect(prediction.object_size() == 1 && prediction.object(0) == "bright", "dark, turned round, is bright");

  vision::Session session{vision::hog_people()};
  expect(session.card().name.size() > 1, "a built-in model has a card");

  const auto egg = vision::built_in_classifiers().make("constant:egg?score=0.5");
  expect(egg->card().name == "constant", "a classifier is made by name");
  try {
    (void)vision::load_plugin("./none.so");
    expect(false, "a plugin that is missing is refused");
  } catch (const conveyor::Error& error) {
    expect(error.code() == conveyor::errc::invalid_config, "and the error is caught outside");
  }

  vision::Outcome nothing;
  nothing.nothing_found();
  conveyor::Worker worker{{.bootstrap_servers = "127.0.0.1:1", .group = "labelling"}};
  vision::serve(worker, kImages, kPredictions, vision::constant(nothing));
  std::puts("vision: all used");
}
