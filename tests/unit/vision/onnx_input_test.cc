#include "vision/onnx/onnx_input.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "conveyor/vision/classifier.h"
#include "unit/vision/expect_error.h"
#include "unit/vision/onnx_writer.h"
#include "unit/vision/temporary_folder.h"
#include "vision/onnx/onnx_blob.h"

namespace conveyor::vision {
namespace {

using Shape = std::vector<std::int64_t>;

OnnxInput read(const Shape& shape, OnnxOptions options = {}, std::int64_t type = kOnnxFloat) {
  return read_onnx_input({{.name = "image", .type = type, .has_shape = true, .shape = shape}}, options);
}

TEST(OnnxInput, FindsTheChannelsByTheShape) {
  EXPECT_FALSE(read({1, 3, 6, 8}).channels_last);
  EXPECT_FALSE(read({-1, 1, -1, -1}, {.width = 8, .height = 6}).channels_last);
  EXPECT_TRUE(read({1, 6, 8, 3}).channels_last);
  EXPECT_TRUE(read({-1, -1, -1, 1}, {.width = 8, .height = 6}).channels_last);
  EXPECT_EQ(read({1, 6, 8, 1}).channels, 1);
  OnnxOptions options;
  (void)read_onnx_input({{.name = "image", .type = kOnnxFloat, .has_shape = true, .shape = {1, 6, 8, 3}}}, options);
  EXPECT_EQ(options.width, 8);
  EXPECT_EQ(options.height, 6);
}

TEST(OnnxInput, AsksWhereTheShapeAllowsBothLayouts) {
  const Shape both = {1, 3, 8, 3};
  EXPECT_ERROR(errc::invalid_config,
               "its input \"image\" is 1 x 3 x 8 x 3, so that its channels may be the second side or the last: say "
               "layout=nchw or layout=nhwc in its options, or as input.layout in its card",
               (void)read(both));
  EXPECT_FALSE(read(both, {.layout = OnnxLayout::kNchw}).channels_last);
  EXPECT_TRUE(read(both, {.layout = OnnxLayout::kNhwc}).channels_last);
  EXPECT_ERROR(errc::invalid_config, "is 1 x 3 x 6 x 8, which is not layout=nhwc",
               (void)read({1, 3, 6, 8}, {.layout = OnnxLayout::kNhwc}));
  EXPECT_ERROR(errc::invalid_config, "is 1 x 6 x 8 x 3, which is not layout=nchw",
               (void)read({1, 6, 8, 3}, {.layout = OnnxLayout::kNchw}));
}

TEST(OnnxInput, RefusesWhatCannotBeFed) {
  EXPECT_ERROR(errc::invalid_config, "with 1 or 3 channels", (void)read({1, 4, 6, 8}));
  EXPECT_ERROR(errc::invalid_config, "with 1 or 3 channels", (void)read({3, 6, 8}));
  EXPECT_ERROR(errc::invalid_config, "with 1 or 3 channels", (void)read({}));
  EXPECT_ERROR(errc::invalid_config, "of type double; float, float16 or uint8 is needed",
               (void)read({1, 3, 6, 8}, {}, 11));
  EXPECT_ERROR(errc::invalid_config, "set OnnxOptions::height", (void)read({1, 3, -1, -1}));
  EXPECT_ERROR(errc::invalid_config, "OnnxOptions::width is 9", (void)read({1, 3, 6, 8}, {.width = 9}));
  EXPECT_ERROR(errc::invalid_config, "export it with a smaller batch", (void)read({1 << 20, 3, 640, 640}));
}

TEST(OnnxInput, TakesAFixedBatch) {
  EXPECT_EQ(read({4, 3, 6, 8}).batch, 4);
  EXPECT_EQ(read({-1, 3, 6, 8}).batch, 1);
}

TEST(OnnxInput, FeedsBytesAsTheyAre) {
  OnnxOptions options;
  const OnnxValue bytes{.name = "image", .type = kOnnxUint8, .has_shape = true, .shape = {1, 6, 8, 3}};
  EXPECT_EQ(read_onnx_input({bytes}, options).type, kOnnxUint8);
  EXPECT_EQ(options.scale, 1);
  EXPECT_EQ(options.white, 255);
  for (const OnnxOptions& wrong :
       {OnnxOptions{.scale = 0.5}, OnnxOptions{.white = 65535}, OnnxOptions{.scale = 1, .mean = {128, 128, 128}},
        OnnxOptions{.deviation = {2, 2, 2}}}) {
    EXPECT_ERROR(errc::invalid_config, "leave scale, mean, deviation and white out of its card",
                 (void)read({1, 6, 8, 3}, wrong, kOnnxUint8));
  }
}

/// The numbers of a tensor, in the order of its memory.
std::vector<float> numbers(const cv::Mat& tensor) {
  cv::Mat floats;
  cv::Mat(1, static_cast<int>(tensor.total()), tensor.depth(), const_cast<uchar*>(tensor.ptr()))
      .convertTo(floats, CV_32F);
  return floats;
}

const cv::Mat kTwoPixels = (cv::Mat_<cv::Vec3b>(1, 2) << cv::Vec3b(1, 2, 3), cv::Vec3b(4, 5, 6));  // B, G, R

OnnxBlob blob(OnnxInput input, OnnxOptions options = {.scale = 1}) {
  options.width = 2;
  options.height = 1;
  return {input, options};
}

TEST(OnnxBlob, HasTheLayoutAndTypeOfTheInput) {
  const std::vector<float> first = {3, 6, 2, 5, 1, 4}, last = {3, 2, 1, 6, 5, 4};
  for (const std::int64_t type : {kOnnxFloat, kOnnxFloat16, kOnnxUint8}) {
    OnnxBlob planes = blob({.type = type, .channels = 3});
    planes.fill(std::array{kTwoPixels});
    EXPECT_EQ(numbers(planes.tensor()), first) << type;
    EXPECT_EQ(planes.tensor().size[1], 3);
    EXPECT_EQ(planes.tensor().size[3], 2);
    OnnxBlob pixels = blob({.type = type, .channels_last = true, .channels = 3});
    pixels.fill(std::array{kTwoPixels});
    EXPECT_EQ(numbers(pixels.tensor()), last) << type;
    EXPECT_EQ(pixels.tensor().size[1], 1);
    EXPECT_EQ(pixels.tensor().size[3], 3);
  }
  EXPECT_EQ(blob({.type = kOnnxUint8, .channels = 3}).tensor().depth(), CV_8U);
  EXPECT_EQ(blob({.type = kOnnxFloat16, .channels = 3}).tensor().depth(), CV_16F);
}

TEST(OnnxBlob, ScalesInEveryLayoutAndKeepsTheOrderAskedFor) {
  const OnnxOptions options{.rgb = false, .scale = 0.5, .mean = {1, 2, 3}, .deviation = {1, 2, 4}};
  const float b[] = {(0.5F - 1) / 1, (2 - 1) / 1}, g[] = {(1 - 2) / 2.0F, (2.5F - 2) / 2},
              r[] = {(1.5F - 3) / 4, (3 - 3) / 4.0F};
  OnnxBlob planes = blob({.channels = 3}, options);
  planes.fill(std::array{kTwoPixels});
  EXPECT_EQ(numbers(planes.tensor()), (std::vector<float>{b[0], b[1], g[0], g[1], r[0], r[1]}));
  OnnxBlob pixels = blob({.type = kOnnxFloat16, .channels_last = true, .channels = 3}, options);
  pixels.fill(std::array{kTwoPixels});
  EXPECT_EQ(numbers(pixels.tensor()), (std::vector<float>{b[0], g[0], r[0], b[1], g[1], r[1]}));
}

TEST(OnnxBlob, FillsTheRestOfABatchWithZeros) {
  for (const bool last : {false, true}) {
    for (const std::int64_t type : {kOnnxFloat, kOnnxFloat16, kOnnxUint8}) {
      OnnxBlob tensor = blob({.type = type, .channels_last = last, .batch = 3, .channels = 1});
      const auto gray = [](int value) { return cv::Mat(1, 2, CV_8UC1, cv::Scalar(value)); };
      EXPECT_EQ(numbers(tensor.tensor()), std::vector<float>(6));
      tensor.fill(std::array{gray(7), gray(8), gray(9)});
      EXPECT_EQ(numbers(tensor.tensor()), (std::vector<float>{7, 7, 8, 8, 9, 9}));
      tensor.fill(std::array{gray(5)});
      EXPECT_EQ(numbers(tensor.tensor()), (std::vector<float>{5, 5, 0, 0, 0, 0}));
    }
  }
}

TEST(OpenCvInputs, AreNamedWhereOpenCvIsNotGivenThem) {
  using namespace onnx_writer;
  const TemporaryFolder folder("conveyor_opencv_inputs");
  const auto load = [&](int type, const Shape& shape, int output_type = 1) {
    const Graph graph{.nodes = {node("Relu", {"image"}, {"scores"})},
                      .inputs = {value("image", type, shape)},
                      .outputs = {value("scores", output_type, shape)}};
    (void)onnx(folder.write("network.onnx", model(graph.text())));
  };
  EXPECT_ERROR(errc::invalid_config, "OpenCV is not given an input of type uint8. ONNX Runtime runs it",
               load(2, {1, 3, 6, 8}));
  EXPECT_ERROR(errc::invalid_config, "OpenCV is not given an input of type float16", load(10, {1, 3, 6, 8}));
  EXPECT_ERROR(errc::invalid_config, "OpenCV is not given a fixed batch of 4 images", load(1, {4, 3, 6, 8}));
  EXPECT_ERROR(errc::invalid_config, "OpenCV is not asked for the output \"scores\", of type float16",
               load(1, {1, 3, 6, 8}, 10));
  EXPECT_ERROR(errc::invalid_config, "except where only Transpose reads it; here Relu does", load(1, {1, 6, 8, 3}));
}

}  // namespace
}  // namespace conveyor::vision
