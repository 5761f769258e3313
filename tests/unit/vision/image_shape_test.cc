#include "vision/image/image_shape.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <opencv2/core.hpp>

#include "conveyor/vision/steps.h"

namespace conveyor::vision {
namespace {

using Kind = PixelRange::Kind;

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();

TEST(DepthName, IsInBits) {
  EXPECT_EQ(depth_name(CV_8U), "8 bit");
  EXPECT_EQ(depth_name(CV_8S), "8 bit signed");
  EXPECT_EQ(depth_name(CV_16U), "16 bit");
  EXPECT_EQ(depth_name(CV_16S), "16 bit signed");
  EXPECT_EQ(depth_name(CV_32S), "32 bit signed");
  EXPECT_EQ(depth_name(CV_32F), "32 bit float");
  EXPECT_EQ(depth_name(CV_64F), "64 bit float");
  EXPECT_EQ(depth_name(CV_16F), "16 bit float");
}

TEST(DepthName, OfAnUnknownDepthIsItsNumber) {
  EXPECT_EQ(depth_name(8), "depth 8");
  EXPECT_EQ(depth_name(-1), "depth -1");
}

TEST(Describe, SaysWidthBeforeHeight) {
  EXPECT_EQ(describe(cv::Mat(4, 6, CV_8UC1)), "6 x 4, 1 channel, 8 bit");
  EXPECT_EQ(describe(cv::Mat(4, 6, CV_16UC3)), "6 x 4, 3 channels, 16 bit");
}

TEST(Describe, SaysWhatIsNoPicture) {
  EXPECT_EQ(describe(cv::Mat()), "no pixels");
  const std::array<int, 3> sizes{2, 3, 4};
  EXPECT_EQ(describe(cv::Mat(3, sizes.data(), CV_8U)), "3 dimensions");
}

TEST(Describe, SaysTheRangeOfPixels) {
  EXPECT_EQ(describe(PixelRange::levels(255)), "0 to 255");
  EXPECT_EQ(describe(PixelRange::levels(65535)), "0 to 65535");
  EXPECT_EQ(describe(PixelRange{Kind::kRescaled, -1, 0.5}), "values rescaled to -1 to 0.5");
  EXPECT_EQ(describe(PixelRange::physical(-1024, 3071)), "physical values");
  EXPECT_EQ(describe(PixelRange::normalized()), "normalised values");
  EXPECT_EQ(describe(PixelRange::mismatched(255)),
            "values that a step made with numbers for pixels of 0 to 255 out of pixels of another range");
  EXPECT_EQ(describe(PixelRange::unknown()), "values of unknown range");
  EXPECT_EQ(describe(PixelRange()), "values of unknown range");
}

TEST(Describe, SaysTheOrderOfColoursWhereThereAreAny) {
  EXPECT_EQ(describe(Sample{.pixels = cv::Mat(4, 4, CV_16UC3)}), "4 x 4, 3 channels, 16 bit, BGR, 0 to 65535");
  EXPECT_EQ(describe(Sample{.pixels = cv::Mat(4, 4, CV_8UC4), .rgb = true}), "4 x 4, 4 channels, 8 bit, RGB, 0 to 255");
  EXPECT_EQ(describe(Sample{.pixels = cv::Mat(4, 4, CV_8UC1), .rgb = true}), "4 x 4, 1 channel, 8 bit, 0 to 255");
}

TEST(Describe, SaysTheRangeThatASampleDeclares) {
  EXPECT_EQ(describe(Sample{.pixels = cv::Mat(4, 4, CV_16UC1), .range = PixelRange::levels(4095)}),
            "4 x 4, 1 channel, 16 bit, 0 to 4095");
}

TEST(SourceOfRange, IsTheDecoderOrTheStepThatSetIt) {
  Sample sample;
  EXPECT_EQ(source_of_range(sample), "the picture's decoder");
  sample.range_from = crop();
  EXPECT_EQ(source_of_range(sample), "the step crop of the preprocess chain");
}

TEST(WrongDimensions, AreNoneUpToTheLimits) {
  EXPECT_EQ(wrong_dimensions(1, 1), "");
  EXPECT_EQ(wrong_dimensions(kMaxImageSide, 1), "");
  EXPECT_EQ(wrong_dimensions(1, kMaxImageSide), "");
  EXPECT_EQ(wrong_dimensions(kMaxImageSide, kMaxImagePixels / kMaxImageSide), "");
}

TEST(WrongDimensions, AreThoseOfNoPixels) {
  EXPECT_EQ(wrong_dimensions(0, 5), "its size is 0 x 5 pixels");
  EXPECT_EQ(wrong_dimensions(5, 0), "its size is 5 x 0 pixels");
  EXPECT_EQ(wrong_dimensions(-1, -1), "its size is -1 x -1 pixels");
}

TEST(WrongDimensions, AreASideOrAnAreaAboveTheLimits) {
  EXPECT_EQ(wrong_dimensions(kMaxImageSide + 1, 1),
            "32769 x 1 pixels exceed the limit of 32768 a side and 67108864 in all");
  EXPECT_NE(wrong_dimensions(1, kMaxImageSide + 1), "");
  EXPECT_NE(wrong_dimensions(kMaxImageSide, kMaxImagePixels / kMaxImageSide + 1), "");
}

TEST(WrongDimensions, AreFoundWhereTheirProductOverflows) {
  EXPECT_NE(wrong_dimensions(kHuge, kHuge), "");
  EXPECT_NE(wrong_dimensions(std::int64_t{1} << 32, std::int64_t{1} << 32), "") << "whose product is 0 in 64 bit";
}

}  // namespace
}  // namespace conveyor::vision
