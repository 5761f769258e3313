#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <ostream>
#include <stdexcept>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/serve.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

v1::Image gray(int value) {
  v1::Image image;
  to_image(cv::Mat(8, 8, CV_8UC1, cv::Scalar(value)), image);
  return image;
}

v1::Image declared(int width, int height, v1::PixelFormat format = v1::PIXEL_FORMAT_GRAY) {
  v1::Image image = gray(1);
  image.set_width(width);
  image.set_height(height);
  image.set_pixel_format(format);
  return image;
}

/// Goes wrong in the way that the pixels ask for.
void by_value(const cv::Mat& image, Outcome& outcome) {
  switch (image.at<unsigned char>(0, 0)) {
    case 200:
      throw std::runtime_error("cannot bear this");
    case 201:
      throw 7;
    case 202:
      return outcome.add_label("egg", std::nan(""));
    case 203:
      return outcome.add_detection("egg", 1, {0, 0, -1, 5});
    case 204:
      return outcome.add_label("\xFF", 1);
    case 205:
      return;
    default:
      return outcome.add_label("fine", 1);
  }
}

struct Hostile {
  const char* name;
  v1::Image image;
  errc code;
  const char* error;
};

void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }

class HostileInput : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileInput, HasAnErrorOfItsOwnAndHarmsNobody) {
  Predictor predict(scripted(by_value, {.width = 8, .height = 8, .channels = 1, .depth = CV_8U}));
  const auto works = [&] { return predict(testing::message(gray(1))).object(0) == "fine"; };
  EXPECT_TRUE(works());
  for (int times = 0; times < 2; ++times) {
    EXPECT_ERROR(GetParam().code, GetParam().error,
                 (void)predict(testing::message(GetParam().image, {.topic = "scans", .partition = 0, .offset = 7})));
    EXPECT_ERROR(GetParam().code, "record scans [0] at offset 7",
                 (void)predict(testing::message(GetParam().image, {.topic = "scans", .partition = 0, .offset = 7})));
    EXPECT_TRUE(works());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Each, HostileInput,
    ::testing::Values(
        Hostile{"no_pixels", declared(0, 0), errc::decode, "its size is 0 x 0 pixels"},
        Hostile{"enormous", declared(100'000, 100'000), errc::decode, "100000 x 100000 pixels exceed the limit"},
        Hostile{"negative", declared(-8, 8), errc::decode, "its size is -8 x 8 pixels"},
        Hostile{"too_few_bytes", declared(8, 9), errc::decode, "it has 64 bytes; 8 x 9 pixels"},
        Hostile{"other_channels", declared(4, 4, v1::PIXEL_FORMAT_BGRA), errc::decode, "takes images of 8 x 8"},
        Hostile{"other_shape", declared(4, 16), errc::decode, "this one is 4 x 16"},
        Hostile{"throws", gray(200), errc::handler_failed, "it threw: cannot bear this"},
        Hostile{"throws_a_number", gray(201), errc::handler_failed, "not a std::exception"},
        Hostile{"score_is_no_number", gray(202), errc::handler_failed, "the score of label \"egg\" is nan"},
        Hostile{"box_of_negative_size", gray(203), errc::handler_failed, "the box of \"egg\" is -1 x 5"},
        Hostile{"label_is_no_text", gray(204), errc::handler_failed, "is not UTF-8"},
        Hostile{"says_nothing", gray(205), errc::handler_failed, "left the outcome unset"}),
    [](const auto& hostile) { return std::string(hostile.param.name); });

}  // namespace
}  // namespace conveyor::vision
