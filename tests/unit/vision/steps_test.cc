#include "conveyor/vision/steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>
#include <vector>

#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

const Sample& run(const StepPtr& step, const Sample& in, Scratch& scratch) {
  return PreprocessChain({step}).run(in, scratch);
}

/// Bright rectangle on black, and where it is found again: the outermost pixels above half brightness.
cv::Mat with_box(cv::Size size, cv::Rect box) {
  cv::Mat image(size, CV_8UC1, cv::Scalar(0));
  image(box).setTo(255);
  return image;
}
Box found_in(const cv::Mat& image) {
  const cv::Rect rect = cv::boundingRect(image > 127);
  return {static_cast<float>(rect.x), static_cast<float>(rect.y), static_cast<float>(rect.width),
          static_cast<float>(rect.height)};
}
void expect_near(const Box& box, const cv::Rect& expected, double tolerance) {
  EXPECT_NEAR(box.x, expected.x, tolerance);
  EXPECT_NEAR(box.y, expected.y, tolerance);
  EXPECT_NEAR(box.x + box.width, expected.br().x, tolerance);
  EXPECT_NEAR(box.y + box.height, expected.br().y, tolerance);
}

TEST(Rescale, GivesPhysicalValuesOnce) {
  Sample in{.pixels = cv::Mat(2, 2, CV_16UC1, cv::Scalar(1000)), .slope = 0.5, .intercept = -100};
  Scratch scratch;
  const Sample& out = run(rescale(2, 1), in, scratch);
  EXPECT_EQ(out.pixels.type(), CV_32FC1);
  EXPECT_FLOAT_EQ(out.pixels.at<float>(1, 1), 2 * (0.5F * 1000 - 100) + 1);
  EXPECT_EQ(out.slope, 1);
  EXPECT_EQ(out.intercept, 0);
}

TEST(Resize, AveragesAreasWhenShrinking) {
  cv::Mat stripes(4, 8, CV_8UC1, cv::Scalar(0));
  for (int x = 0; x < 8; x += 2) stripes.col(x).setTo(200);
  Scratch scratch;
  const Sample& out = run(resize(4, 2), {.pixels = stripes}, scratch);
  EXPECT_EQ(cv::countNonZero(out.pixels != 100), 0);
}

TEST(Resize, InterpolatesWhenGrowing) {
  const cv::Mat edge = (cv::Mat_<unsigned char>(1, 2) << 0, 200);
  Scratch scratch;
  const Sample& out = run(resize(4, 1), {.pixels = edge}, scratch);
  const cv::Mat expected = (cv::Mat_<unsigned char>(1, 4) << 0, 50, 150, 200);
  EXPECT_EQ(cv::norm(out.pixels, expected, cv::NORM_INF), 0);
}

TEST(Resize, TakesPixelsBetweenWhichTheCentreLiesWhereItIsLinear) {
  // The centre of each result, at 2, 6 and 10, lies between two of the twelve pixels; the others are not looked at.
  const cv::Mat line = (cv::Mat_<unsigned char>(1, 12) << 9, 10, 30, 9, 9, 50, 70, 9, 9, 90, 110, 9);
  const cv::Mat expected = (cv::Mat_<unsigned char>(1, 3) << 20, 60, 100);
  for (const int type : {CV_8U, CV_16U, CV_32F}) {
    for (const int channels : {1, 3}) {
      cv::Mat in, out;
      line.convertTo(in, type);
      cv::merge(std::vector<cv::Mat>(static_cast<std::size_t>(channels), in), in);
      Scratch scratch;
      run(resize(3, 1, Interpolation::kLinear), {.pixels = in}, scratch).pixels.convertTo(out, CV_8U);
      EXPECT_EQ(cv::norm(out.reshape(1), cv::repeat(expected.t(), 1, channels).reshape(1, 1), cv::NORM_INF), 0)
          << type << " " << channels;
    }
  }
}

TEST(Resize, GivesWhatOpenCvGivesWhereItIsLinear) {
  cv::Mat noise(97, 131, CV_8UC3), other, expected;
  cv::RNG(7).fill(noise, cv::RNG::UNIFORM, 0, 256);
  // OpenCV keeps where a pixel lies in single precision: 131 * 2^-24 of a pixel, times steps of 255.
  for (const int type : {CV_8UC3, CV_16UC3, CV_32FC3}) {
    noise.convertTo(other, CV_MAT_DEPTH(type));
    cv::resize(other, expected, {40, 31}, 0, 0, cv::INTER_LINEAR);
    Scratch scratch;
    EXPECT_LE(cv::norm(run(resize(40, 31, Interpolation::kLinear), {.pixels = other}, scratch).pixels, expected,
                       cv::NORM_INF),
              type == CV_32FC3 ? 1e-2 : 1);
  }
}

TEST(Resize, GivesWhatOpenCvGivesWithLanczosFilter) {
  cv::Mat noise(97, 131, CV_8UC3), other, expected;
  cv::RNG(7).fill(noise, cv::RNG::UNIFORM, 0, 256);
  for (const int type : {CV_8UC1, CV_8UC3, CV_16UC3, CV_32FC1}) {
    noise.reshape(CV_MAT_CN(type), 97).convertTo(other, CV_MAT_DEPTH(type));
    cv::resize(other, expected, {40, 31}, 0, 0, cv::INTER_LANCZOS4);
    Scratch scratch;
    EXPECT_EQ(cv::norm(run(resize(40, 31, Interpolation::kLanczos), {.pixels = other}, scratch).pixels, expected,
                       cv::NORM_INF),
              0);
  }
}

TEST(Resize, CutsOffWhatLanczosFilterAddsToLevels) {
  cv::Mat edge(8, 8, CV_32FC1, cv::Scalar(0));
  edge.colRange(4, 8).setTo(1);
  Scratch scratch;
  const auto ends = [&](const PixelRange& range) {
    double least = 0, greatest = 0;
    const Sample in{.pixels = edge, .range = range};
    cv::minMaxIdx(run(resize(31, 31, Interpolation::kLanczos), in, scratch).pixels, &least, &greatest);
    return std::pair(least, greatest);
  };
  EXPECT_EQ(ends(PixelRange::levels(1)), std::pair(0.0, 1.0));
  EXPECT_LT(ends(PixelRange::unknown()).first, 0);
  EXPECT_GT(ends(PixelRange::unknown()).second, 1);
}

TEST(ResizeShortest, RoundsTheLongerSideToTheNearestIfAsked) {
  const auto size = [](int width, int height) {
    const StepPtr step = resize_shortest(256, Interpolation::kLinear, Rounding::kNearest);
    Scratch scratch;
    return run(step, {.pixels = cv::Mat(height, width, CV_8UC1, cv::Scalar(1))}, scratch).pixels.size();
  };
  EXPECT_EQ(size(640, 427), cv::Size(384, 256));  // 383.7
  EXPECT_EQ(size(768, 576), cv::Size(341, 256));  // 341.3
  EXPECT_EQ(size(515, 512), cv::Size(258, 256));  // 257.5, to even
  EXPECT_EQ(size(513, 512), cv::Size(256, 256));  // 256.5, to even
}

TEST(ResizeShortest, RoundsTheLongerSideAsTorchvisionDoes) {
  const auto size = [](int width, int height) {
    Scratch scratch;
    return run(resize_shortest(256), {.pixels = cv::Mat(height, width, CV_8UC1, cv::Scalar(1))}, scratch).pixels.size();
  };
  EXPECT_EQ(size(640, 427), cv::Size(383, 256));  // int(256 * 640 / 427) with 383.7
  EXPECT_EQ(size(427, 640), cv::Size(256, 383));
  EXPECT_EQ(size(100, 100), cv::Size(256, 256));
  EXPECT_EQ(size(3, 2), cv::Size(384, 256));
  EXPECT_ERROR(errc::decode, "resize_shortest(256) cannot work on 20000 x 1", size(20'000, 1));
}

TEST(CropCenter, CutsTheMiddleAsTorchvisionDoes) {
  // left = int(round((width - w) / 2.0)), top likewise, with Python's round.
  struct Expected {
    int width, height, w, h, left, top;
  };
  for (const Expected& e : std::initializer_list<Expected>{{383, 256, 224, 224, 80, 16},  // 79.5
                                                           {381, 256, 224, 224, 78, 16},  // 78.5
                                                           {224, 225, 224, 224, 0, 0},    // 0.5
                                                           {227, 224, 224, 224, 2, 0},    // 1.5
                                                           {10, 7, 10, 7, 0, 0},
                                                           {11, 9, 1, 1, 5, 4}}) {
    cv::Mat image(e.height, e.width, CV_16UC1);
    for (int y = 0; y < e.height; ++y) {
      for (int x = 0; x < e.width; ++x) image.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>(y * 256 + x % 256);
    }
    const Sample in{.pixels = image, .mask = cv::Mat(image.size(), CV_8UC1, cv::Scalar(255))};
    Scratch scratch;
    const Sample& out = run(crop_center(e.w, e.h), in, scratch);
    const cv::Rect part(e.left, e.top, e.w, e.h);
    EXPECT_EQ(out.pixels.size(), part.size());
    EXPECT_EQ(out.mask.size(), part.size());
    EXPECT_EQ(cv::norm(out.pixels, image(part), cv::NORM_INF), 0) << e.width << " x " << e.height;
    EXPECT_EQ(to_source({0, 0, 1, 1}, out), (Box{static_cast<float>(e.left), static_cast<float>(e.top), 1, 1}));
  }
}

TEST(CropCenter, RoundsItsCornerDownIfAsked) {
  cv::Mat image(224, 379, CV_16UC1);
  for (int x = 0; x < image.cols; ++x) image.col(x).setTo(x);
  Scratch scratch;
  const Sample& out = run(crop_center(224, 223, Rounding::kDown), {.pixels = image}, scratch);
  EXPECT_EQ(to_source({0, 0, 1, 1}, out), (Box{77, 0, 1, 1}));  // of 77.5 and 0.5
  EXPECT_EQ(out.pixels.at<std::uint16_t>(0, 0), 77);
}

TEST(CropCenter, RefusesASmallerImage) {
  Scratch scratch;
  EXPECT_ERROR(errc::decode, "crop_center(224,224) cannot work on 224 x 223, 1 channel, 8 bit: it is smaller",
               run(crop_center(224, 224), {.pixels = cv::Mat(223, 224, CV_8UC1, cv::Scalar(1))}, scratch));
}

TEST(CropCenter, BoxesReturnThroughCutsAndSizesExactly) {
  Scratch scratch;
  const auto chain = built_in_steps().parse("resize_shortest(240,linear)|crop_center(200,160)|resize(400,640)");
  const Sample& out = chain.run({.pixels = cv::Mat(480, 640, CV_8UC3, cv::Scalar::all(1))}, scratch);
  ASSERT_EQ(out.pixels.size(), cv::Size(400, 640));
  // 640 x 480 became 320 x 240; of that, 200 x 160 at (60, 40), which is 400 x 320 at (120, 80) of the source.
  EXPECT_EQ(to_source({0, 0, 400, 640}, out), (Box{120, 80, 400, 320}));
  EXPECT_EQ(to_source({10, 20, 30, 40}, out), (Box{130, 90, 30, 20}));
}

TEST(Letterbox, ShrinksLinearlyWhereAsked) {
  const cv::Mat line = (cv::Mat_<unsigned char>(1, 12) << 9, 10, 30, 9, 9, 50, 70, 9, 9, 90, 110, 9);
  Scratch scratch;
  const Sample& out = run(letterbox(3, 3, 7, Interpolation::kLinear), {.pixels = line}, scratch);
  const cv::Mat expected = (cv::Mat_<unsigned char>(3, 3) << 7, 7, 7, 20, 60, 100, 7, 7, 7);
  EXPECT_EQ(cv::norm(out.pixels, expected, cv::NORM_INF), 0);
}

TEST(Resize, BoxesReturnToTheFramesOwnPixels) {
  const cv::Rect box(120, 60, 200, 240);
  for (const cv::Size to : {cv::Size(320, 240), cv::Size(1280, 960), cv::Size(100, 400)}) {
    Scratch scratch;
    const Sample& out = run(resize(to.width, to.height), {.pixels = with_box({640, 480}, box)}, scratch);
    const double pixel = std::max(out.to_source(0, 0), out.to_source(1, 1));
    expect_near(to_source(found_in(out.pixels), out), box, std::max(1.0, pixel / 2 + 0.01));
  }
}

TEST(Resize, TakesTheMaskAlong) {
  const Sample in{.pixels = cv::Mat(4, 4, CV_16UC1, cv::Scalar(7)), .mask = with_box({4, 4}, {0, 0, 2, 4})};
  Scratch scratch;
  const Sample& out = run(resize(8, 8), in, scratch);
  EXPECT_EQ(cv::boundingRect(out.mask), cv::Rect(0, 0, 4, 8));
  EXPECT_EQ(out.pixels.type(), CV_16UC1);
}

TEST(Letterbox, KeepsProportionsInTheMiddle) {
  Scratch scratch;
  const Sample& out = run(letterbox(64, 64, 9), {.pixels = cv::Mat(50, 100, CV_8UC3, cv::Scalar::all(255))}, scratch);
  EXPECT_EQ(out.pixels.size(), cv::Size(64, 64));
  EXPECT_EQ(out.pixels.at<cv::Vec3b>(15, 0), cv::Vec3b(9, 9, 9));
  EXPECT_EQ(out.pixels.at<cv::Vec3b>(16, 0), cv::Vec3b(255, 255, 255));
  EXPECT_EQ(out.pixels.at<cv::Vec3b>(47, 63), cv::Vec3b(255, 255, 255));
  EXPECT_EQ(out.pixels.at<cv::Vec3b>(48, 63), cv::Vec3b(9, 9, 9));
}

TEST(Letterbox, RoundsSidesAndPlacesThemAsUltralyticsDoes) {
  // round(w * r), round(h * r) with r = min(W / w, H / h) and Python's round, the borders from round(d / 2 - 0.1).
  struct Expected {
    int width, height, to_width, to_height, inner_width, inner_height, left, top;
  };
  for (const Expected& e : std::initializer_list<Expected>{{1280, 853, 640, 640, 640, 426, 0, 107},
                                                           {853, 1280, 640, 640, 426, 640, 107, 0},
                                                           {1280, 851, 640, 640, 640, 426, 0, 107},
                                                           {1280, 855, 640, 640, 640, 428, 0, 106},
                                                           {1024, 683, 512, 512, 512, 342, 0, 85},
                                                           {1280, 854, 640, 640, 640, 427, 0, 106},
                                                           {1280, 861, 640, 384, 571, 384, 34, 0},
                                                           {1365, 2048, 640, 640, 427, 640, 106, 0},
                                                           {2560, 1707, 640, 640, 640, 427, 0, 106},
                                                           {1000, 667, 640, 640, 640, 427, 0, 106},
                                                           {1920, 1080, 640, 640, 640, 360, 0, 140},
                                                           {810, 1080, 640, 640, 480, 640, 80, 0},
                                                           {4032, 3024, 640, 640, 640, 480, 0, 80},
                                                           {426, 640, 320, 320, 213, 320, 53, 0},
                                                           {3, 1, 640, 640, 640, 213, 0, 213},
                                                           {5, 4, 2, 2, 2, 2, 0, 0}}) {
    SCOPED_TRACE(std::to_string(e.width) + " x " + std::to_string(e.height));
    Scratch scratch;
    const Sample& out = run(letterbox(e.to_width, e.to_height),
                            {.pixels = cv::Mat(e.height, e.width, CV_8UC1, cv::Scalar(255))}, scratch);
    EXPECT_EQ(cv::boundingRect(out.pixels), cv::Rect(e.left, e.top, e.inner_width, e.inner_height));
    // What the network finds over the whole of it is the whole of the source.
    const Box whole = to_source({static_cast<float>(e.left), static_cast<float>(e.top),
                                 static_cast<float>(e.inner_width), static_cast<float>(e.inner_height)},
                                out);
    expect_near(whole, {0, 0, e.width, e.height}, 1e-3);
  }
}

TEST(Letterbox, BoxesReturnToTheFramesOwnPixels) {
  const cv::Rect box(301, 77, 133, 250);
  for (const cv::Size to : {cv::Size(416, 416), cv::Size(300, 640), cv::Size(1000, 1000)}) {
    Scratch scratch;
    const Sample& out = run(letterbox(to.width, to.height), {.pixels = with_box({768, 576}, box)}, scratch);
    const double pixel = std::max(out.to_source(0, 0), out.to_source(1, 1));
    expect_near(to_source(found_in(out.pixels), out), box, std::max(1.0, pixel / 2 + 0.01));
  }
}

TEST(Letterbox, MarksThePaddingInTheMask) {
  const Sample in{.pixels = cv::Mat(2, 4, CV_8UC1, cv::Scalar(1)), .mask = cv::Mat(2, 4, CV_8UC1, cv::Scalar(255))};
  Scratch scratch;
  EXPECT_EQ(cv::boundingRect(run(letterbox(4, 4), in, scratch).mask), cv::Rect(0, 1, 4, 2));
}

TEST(Letterbox, KeepsAPixelOfTheThinnestImage) {
  Scratch scratch;
  const Sample& out = run(letterbox(8, 8), {.pixels = cv::Mat(1, 5000, CV_8UC1, cv::Scalar(255))}, scratch);
  EXPECT_EQ(cv::countNonZero(out.pixels), 8);
}

TEST(ColorStep, GivesTheOrderAskedForFromAny) {
  const cv::Mat gray(1, 1, CV_8UC1, cv::Scalar(50));
  const cv::Mat three(1, 1, CV_8UC3, cv::Scalar(10, 20, 30)), four(1, 1, CV_8UC4, cv::Scalar(10, 20, 30, 40));
  const auto pixel = [](Color to, const cv::Mat& from, bool rgb) {
    Scratch scratch;
    const Sample& out = run(color(to), {.pixels = from, .rgb = rgb}, scratch);
    EXPECT_EQ(out.rgb, to == Color::kRgb);
    return cv::mean(out.pixels);
  };
  EXPECT_EQ(pixel(Color::kBgr, gray, false), cv::Scalar(50, 50, 50));
  for (const cv::Mat& from : {three, four}) {
    EXPECT_EQ(pixel(Color::kBgr, from, false), cv::Scalar(10, 20, 30));
    EXPECT_EQ(pixel(Color::kRgb, from, false), cv::Scalar(30, 20, 10));
    EXPECT_EQ(pixel(Color::kRgb, from, true), cv::Scalar(10, 20, 30));
    EXPECT_EQ(pixel(Color::kBgr, from, true), cv::Scalar(30, 20, 10));
    EXPECT_EQ(pixel(Color::kGray, from, false), cv::Scalar(std::round(0.114 * 10 + 0.587 * 20 + 0.299 * 30)));
    EXPECT_EQ(pixel(Color::kGray, from, true), cv::Scalar(std::round(0.299 * 10 + 0.587 * 20 + 0.114 * 30)));
  }
}

TEST(Steps, RefuseImpossibleArguments) {
  EXPECT_ERROR(errc::invalid_config, "-1 x 4", (void)resize(-1, 4));
  EXPECT_ERROR(errc::invalid_config, "limit", (void)letterbox(1 << 20, 1 << 20));
  EXPECT_ERROR(errc::invalid_config, "finite", (void)rescale(std::nan(""), 0));
  EXPECT_ERROR(errc::invalid_config, "crop_center: its size is 0 x 4", (void)crop_center(0, 4));
  EXPECT_ERROR(errc::invalid_config, "resize_shortest: its side must be from 1", (void)resize_shortest(0));
}

}  // namespace
}  // namespace conveyor::vision
