#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <opencv2/core.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/image.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/serve.h"
#include "conveyor/vision/session.h"
#include "conveyor/vision/steps.h"
#include "egg_scan/model/phantom.h"

// The model that examples/egg_scan/model/train.py made, in the C++ chain that a service runs.

namespace conveyor::vision {
namespace {

std::filesystem::path file(const std::string& ending) {
  return std::filesystem::path(CONVEYOR_EGG_MODEL) / ("egg_synthetic" + ending);
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

constexpr const char* kChain = "mask|bias|clip(1,99)|zscore|crop(2)|letterbox(64,64)";
constexpr std::uint64_t kHeldOut = 2;  // the series that training never saw

// [egg-model]
std::shared_ptr<const Model> egg_model() {
  return onnx(file(".onnx"), {.labels = {"synthetic_plain", "synthetic_spot"},
                              .scale = 1,  // the chain's z-scores as they are
                              .version = "1",
                              .preprocess = kChain});
}
// [/egg-model]

class EggModel : public ::testing::Test {
 protected:
  /// The score of the label synthetic_spot.
  double score(const egg::Phantom& phantom) {
    std::array<Outcome, 1> outcomes;
    session_.classify(std::array{chain_.run({.pixels = phantom.slice}, scratch_).pixels}, outcomes);
    for (const Label& label : outcomes[0].labels()) {
      if (label.name == "synthetic_spot") return label.score;
    }
    ADD_FAILURE() << outcomes[0].reason();
    return -1;
  }

  std::shared_ptr<const Model> model_ = egg_model();
  Session session_{model_};
  PreprocessChain chain_ = built_in_steps().parse(model_->card().preprocess);
  Scratch scratch_;
};

TEST_F(EggModel, ScoresHeldOutPhantomsAsPythonDoes) {
  std::istringstream lines(text_of(file("_scores.txt")));
  int compared = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::uint64_t number = 0;
    double expected = 0;
    bool spot = false;
    ASSERT_TRUE(std::istringstream(line) >> number >> expected >> spot) << line;
    const egg::Phantom phantom = egg::phantom(kHeldOut, number);
    EXPECT_EQ(phantom.spot, spot) << "another phantom than Python's";
    EXPECT_NEAR(score(phantom), expected, 1e-4) << "phantom " << number;
    ++compared;
  }
  EXPECT_GE(compared, 48);
}

TEST_F(EggModel, IsRightAboutNearlyAllHeldOutPhantoms) {
  constexpr int kCount = 300;
  int right = 0;
  for (std::uint64_t number = 0; number < kCount; ++number) {
    const egg::Phantom phantom = egg::phantom(kHeldOut, number);
    right += (score(phantom) > 0.5) == phantom.spot ? 1 : 0;
  }
  EXPECT_GE(right, 0.95 * kCount);
}

TEST_F(EggModel, PredictsFromTheScanOfAMessage) {
  Predictor predict(model_);  // with the chain of the card
  const egg::Phantom phantom = egg::phantom(kHeldOut, 2);
  v1::Image scan;
  to_image(phantom.slice, scan);
  const v1::Prediction prediction = predict(testing::message(scan));
  EXPECT_EQ(prediction.object(0), phantom.spot ? "synthetic_spot" : "synthetic_plain");
  EXPECT_EQ(prediction.preprocess(), kChain);
  EXPECT_EQ(prediction.model().sha256(), model_->card().sha256);
  EXPECT_NEAR(prediction.classifications(0).score(), std::max(score(phantom), 1 - score(phantom)), 1e-6);
}

TEST_F(EggModel, HasTheCardOfItsFile) {
  const std::string card = text_of(file(".json"));
  EXPECT_NE(card.find("\"sha256\": \"" + model_->card().sha256 + "\""), std::string::npos) << "another file's card";
  EXPECT_NE(card.find(std::string("\"preprocess\": \"") + kChain + "\""), std::string::npos);
  for (const std::string& label : model_->card().labels) {
    EXPECT_NE(card.find("\"" + label + "\""), std::string::npos);
    EXPECT_TRUE(label.starts_with("synthetic_")) << "nobody must take it for a finding about real eggs";
  }
  EXPECT_LT(std::filesystem::file_size(file(".onnx")), 1'000'000U);
}

TEST(EggPhantom, IsTheSameForTheSameNumbers) {
  const auto sum = [](const egg::Phantom& phantom) { return cv::sum(phantom.slice)[0]; };
  EXPECT_EQ(sum(egg::phantom(5, 7)), sum(egg::phantom(5, 7)));
  EXPECT_NE(sum(egg::phantom(5, 7)), sum(egg::phantom(5, 8)));
  EXPECT_NE(sum(egg::phantom(5, 7)), sum(egg::phantom(6, 7)));
}

TEST(EggPhantom, HasTheSpotInHalfOfThem) {
  int spots = 0;
  for (std::uint64_t number = 0; number < 200; ++number) spots += egg::phantom(9, number).spot ? 1 : 0;
  EXPECT_NEAR(spots, 100, 30);
}

}  // namespace
}  // namespace conveyor::vision
