#include "conveyor/vision/network_input.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "conveyor/vision/ensemble.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/preprocess.h"
#include "conveyor/vision/session.h"
#include "unit/vision/engine_under_test.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

std::filesystem::path file(const std::string& name) {
  return std::filesystem::path(CONVEYOR_TEST_MODELS) / (name + ".onnx");
}

const cv::Mat kBlue(6, 8, CV_8UC3, cv::Scalar(204, 102, 51));  // B, G, R: 0.8, 0.4, 0.2

std::vector<NetworkInput> inputs_of(const std::shared_ptr<const Model>& model, const Sample& sample) {
  return Session(model).network_inputs(sample);
}

TEST(NetworkInput, IsWhatTheNetworkIsFedWith) {
  const auto model =
      engine_under_test::onnx(file("means"), {.scale = 0.01, .mean = {0.1, 0.2, 0.3}, .deviation = {0.5, 2, 4}});
  const auto inputs = inputs_of(model, {.pixels = kBlue});
  ASSERT_EQ(inputs.size(), 1U);
  const NetworkInput& input = inputs[0];
  EXPECT_EQ(input.name, "means");
  ASSERT_EQ(input.tensor.dims, 4);
  EXPECT_EQ(input.tensor.size[0], 1);
  EXPECT_EQ(input.tensor.size[1], 3);
  EXPECT_EQ(input.tensor.size[2], 6);
  EXPECT_EQ(input.tensor.size[3], 8);
  EXPECT_EQ(input.tensor.depth(), CV_32F);
  EXPECT_FALSE(input.channels_last);
  EXPECT_EQ(input.order, ChannelOrder::kRgb);
  const std::vector<double> pixels = {51, 102, 204}, mean = {0.1, 0.2, 0.3}, deviation = {0.5, 2, 4};
  for (int c = 0; c < 3; ++c) {
    const auto channel = static_cast<std::size_t>(c);
    const float value = input.tensor.ptr<float>(0, c)[0];
    EXPECT_NEAR(value, (pixels[channel] * 0.01 - mean[channel]) / deviation[channel], 1e-6);
    EXPECT_NEAR((static_cast<double>(value) - input.offset[channel]) / input.factor[channel], pixels[channel], 1e-4);
  }
}

TEST(NetworkInput, ComesAfterTheConversionsOfTheSession) {
  const cv::Mat wide(6, 8, CV_16UC3, cv::Scalar(51 * 257, 102 * 257, 204 * 257));
  const auto inputs = inputs_of(engine_under_test::onnx(file("means")), {.pixels = wide, .rgb = true});
  EXPECT_NEAR(inputs.at(0).tensor.ptr<float>(0, 0)[0], 0.2, 1e-6) << "R comes first, and white is 1";
  EXPECT_NEAR(inputs.at(0).tensor.ptr<float>(0, 2)[0], 0.8, 1e-6);
  EXPECT_EQ(inputs.at(0).range, PixelRange::levels(255)) << "what the network's arithmetic was given";
}

TEST(NetworkInput, OfPixelsThatAreNoBrightnessKeepsTheirRange) {
  const cv::Mat scores(6, 8, CV_32FC3, cv::Scalar(-1, 0, 1));
  const auto inputs = inputs_of(engine_under_test::onnx(file("means"), {.scale = 1}),
                                {.pixels = scores, .range = PixelRange::normalized()});
  EXPECT_EQ(inputs.at(0).range, PixelRange::normalized());
  EXPECT_EQ(inputs.at(0).tensor.ptr<float>(0, 0)[0], 1);
}

TEST(NetworkInput, HasItsChannelsWhereTheNetworkHasThem) {
  const auto inputs = inputs_of(engine_under_test::onnx(file("nhwc")), {.pixels = kBlue});
  EXPECT_TRUE(inputs.at(0).channels_last);
  EXPECT_EQ(inputs.at(0).tensor.size[1], 6);
  EXPECT_EQ(inputs.at(0).tensor.size[3], 3);
  const auto* pixel = inputs.at(0).tensor.ptr<float>(0);
  EXPECT_NEAR(pixel[0], 0.2, 1e-6);
  EXPECT_NEAR(pixel[2], 0.8, 1e-6);
}

TEST(NetworkInput, OfGrayHasNoOrder) {
  const auto inputs =
      inputs_of(engine_under_test::onnx(file("means_gray")), {.pixels = cv::Mat(4, 4, CV_8UC1, cv::Scalar(51))});
  EXPECT_EQ(inputs.at(0).order, ChannelOrder::kAny);
  EXPECT_EQ(inputs.at(0).tensor.size[1], 1);
}

TEST(NetworkInput, OfAnEnsembleIsThatOfEachNetwork) {
  const auto inputs = inputs_of(ensemble({engine_under_test::onnx(file("means"), {.name = "one"}),
                                          engine_under_test::onnx(file("means"), {.rgb = false, .name = "other"})}),
                                {.pixels = kBlue});
  ASSERT_EQ(inputs.size(), 2U);
  EXPECT_EQ(inputs[0].name, "one");
  EXPECT_NEAR(inputs[0].tensor.ptr<float>(0, 0)[0], 0.2, 1e-6);
  EXPECT_EQ(inputs[1].name, "other");
  EXPECT_EQ(inputs[1].order, ChannelOrder::kBgr);
  EXPECT_NEAR(inputs[1].tensor.ptr<float>(0, 0)[0], 0.8, 1e-6);
}

TEST(NetworkInput, OfAClassifierWithoutANetworkIsTheImageThatItGets) {
  const auto model = scripted([](const cv::Mat&, Outcome& outcome) { outcome.nothing_found(); },
                              {.channels = 3, .order = ChannelOrder::kRgb});
  const auto inputs = inputs_of(model, {.pixels = kBlue});
  ASSERT_EQ(inputs.size(), 1U);
  EXPECT_EQ(inputs[0].tensor.dims, 2);
  EXPECT_EQ(inputs[0].order, ChannelOrder::kRgb);
  EXPECT_EQ(inputs[0].tensor.at<cv::Vec3b>(0, 0), cv::Vec3b(51, 102, 204));
  EXPECT_EQ(inputs[0].range, PixelRange::levels(255));
}

TEST(NetworkInput, IsNoneOfASampleThatIsRefused) {
  EXPECT_ERROR(errc::decode, "takes images of 8 x 6",
               (void)inputs_of(engine_under_test::onnx(file("means")), {.pixels = cv::Mat(6, 9, CV_8UC3)}));
}

}  // namespace
}  // namespace conveyor::vision
