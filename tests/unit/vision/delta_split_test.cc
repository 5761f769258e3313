#include "conveyor/vision/delta_split.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>

#include "conveyor/v1/image.pb.h"
#include "conveyor/vision/image.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

/// Word for word what image.proto says of IMAGE_ENCODING_DELTA_SPLIT.
std::string as_image_proto_says(const cv::Mat& pixels) {
  const bool deep = pixels.depth() == CV_16U;
  const std::int64_t modulus = deep ? 65536 : 256;
  const int channels = pixels.channels();
  const auto p = [&](int x, int y, int c) -> std::int64_t {
    if (x < 0 || y < 0) return 0;
    const int at = x * channels + c;
    return deep ? pixels.ptr<std::uint16_t>(y)[at] : pixels.ptr<std::uint8_t>(y)[at];
  };
  std::string low;
  std::string high;
  for (int y = 0; y < pixels.rows; ++y) {
    for (int x = 0; x < pixels.cols; ++x) {
      for (int c = 0; c < channels; ++c) {
        const std::int64_t sum = p(x, y, c) - p(x - 1, y, c) - p(x, y - 1, c) + p(x - 1, y - 1, c);
        const std::int64_t d = (sum % modulus + modulus) % modulus;
        const std::int64_t z = d < modulus / 2 ? 2 * d : -2 * d - 1 + 2 * modulus;
        low += static_cast<char>(z % 256);
        if (deep) high += static_cast<char>(z / 256);
      }
    }
  }
  return low + high;
}

cv::Mat noise(int width, int height, int type) {
  cv::Mat pixels(height, width, type);
  cv::RNG random(static_cast<std::uint64_t>(width * 1000 + height * 10 + type));
  random.fill(pixels, cv::RNG::UNIFORM, 0, pixels.depth() == CV_16U ? 65536 : 256);
  return pixels;
}

void expect_as_defined_and_inverted(const cv::Mat& pixels) {
  std::string bytes;
  encode_delta_split(pixels, bytes);
  ASSERT_EQ(bytes, as_image_proto_says(pixels)) << pixels.cols << " x " << pixels.rows << ", type " << pixels.type();
  cv::Mat back(pixels.size(), pixels.type());
  decode_delta_split(bytes, back);
  ASSERT_EQ(cv::norm(back, pixels, cv::NORM_INF), 0) << pixels.cols << " x " << pixels.rows << ", " << pixels.type();
}

TEST(DeltaSplit, HasTheBytesOfItsDefinitionAtEveryWidth) {
  for (const int type : {CV_8UC1, CV_8UC2, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC2, CV_16UC3, CV_16UC4}) {
    for (int width = 1; width <= 140; ++width) expect_as_defined_and_inverted(noise(width, 3, type));
    for (int height = 1; height <= 9; ++height) expect_as_defined_and_inverted(noise(5, height, type));
  }
}

TEST(DeltaSplit, IsExactAtTheEndsOfTheRange) {
  for (const int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC3}) {
    const double most = CV_MAT_DEPTH(type) == CV_16U ? 65535 : 255;
    cv::Mat pixels(20, 131, type, cv::Scalar::all(most));
    expect_as_defined_and_inverted(pixels);
    for (int y = 0; y < pixels.rows; ++y) {
      for (int x = y % 2; x < pixels.cols; x += 2) pixels(cv::Rect(x, y, 1, 1)).setTo(0);
    }
    expect_as_defined_and_inverted(pixels);
  }
}

TEST(DeltaSplit, FoldsSmallDifferencesOfBothSigns) {
  const cv::Mat pixels = (cv::Mat_<std::uint16_t>(2, 3) << 1000, 999, 1000, 1003, 1000, 1001);
  // 1000 -1 1; above subtracted: 3 1 1, whose steps are 3 -2 0.
  const std::string expected{"\xd0\x01\x02\x06\x03\x00\x07\x00\x00\x00\x00\x00", 12};
  std::string bytes;
  encode_delta_split(pixels, bytes);
  EXPECT_EQ(bytes, expected);
}

TEST(DeltaSplit, ReadsAndWritesPartsOfLargerImages) {
  for (const int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC4}) {
    const cv::Mat whole = noise(150, 12, type);
    const cv::Rect part(3, 2, 129, 7);
    expect_as_defined_and_inverted(whole(part));

    std::string bytes;
    encode_delta_split(whole(part), bytes);
    cv::Mat frame(12, 150, type, cv::Scalar::all(7));
    cv::Mat into = frame(part);
    decode_delta_split(bytes, into);
    EXPECT_EQ(cv::norm(frame(part), whole(part), cv::NORM_INF), 0);
    frame(part).setTo(cv::Scalar::all(7));
    EXPECT_EQ(cv::norm(frame, cv::Mat(12, 150, type, cv::Scalar::all(7)), cv::NORM_INF), 0) << "nothing else changed";
  }
}

TEST(DeltaSplit, UsesItsMemoryAgain) {
  std::string bytes;
  encode_delta_split(noise(64, 64, CV_16UC1), bytes);
  const void* memory = bytes.data();
  encode_delta_split(noise(64, 60, CV_16UC1), bytes);
  EXPECT_EQ(bytes.data(), memory);
  EXPECT_EQ(bytes.size(), 64U * 60 * 2);
}

TEST(DeltaSplit, RefusesWhatItCannotHold) {
  std::string bytes;
  EXPECT_ERROR(errc::encode, "no pixels", encode_delta_split(cv::Mat(), bytes));
  EXPECT_ERROR(errc::encode, "32 bit float", encode_delta_split(cv::Mat(2, 2, CV_32FC1), bytes));
  EXPECT_ERROR(errc::encode, "5 channels", encode_delta_split(cv::Mat(2, 2, CV_8UC(5)), bytes));
  EXPECT_ERROR(errc::encode, "16 bit signed", encode_delta_split(cv::Mat(2, 2, CV_16SC1), bytes));
}

TEST(DeltaSplit, RefusesBytesOfAnotherSize) {
  cv::Mat pixels(4, 3, CV_16UC1);
  EXPECT_ERROR(errc::decode, "23 bytes; 3 x 4, 1 channel, 16 bit are 24",
               decode_delta_split(std::string(23, 'x'), pixels));
  EXPECT_ERROR(errc::decode, "25 bytes", decode_delta_split(std::string(25, 'x'), pixels));
  cv::Mat none;
  EXPECT_ERROR(errc::decode, "no pixels", decode_delta_split({}, none));
  cv::Mat real(4, 3, CV_32FC1);
  EXPECT_ERROR(errc::decode, "32 bit float", decode_delta_split(std::string(48, 'x'), real));
}

TEST(ToImage, WritesDeltaSplitThatDecodeReads) {
  cv::Mat buffer;
  for (const int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_16UC4}) {
    const cv::Mat pixels = noise(33, 9, type);
    v1::Image image;
    to_image(pixels, v1::IMAGE_ENCODING_DELTA_SPLIT, image);
    EXPECT_EQ(image.encoding(), v1::IMAGE_ENCODING_DELTA_SPLIT);
    EXPECT_EQ(image.bit_depth(), CV_MAT_DEPTH(type) == CV_8U ? 8 : 16);
    EXPECT_EQ(image.width(), 33);
    EXPECT_EQ(image.height(), 9);
    const cv::Mat back = decode(image, buffer);
    ASSERT_EQ(back.type(), type);
    EXPECT_EQ(cv::norm(back, pixels, cv::NORM_INF), 0);
    EXPECT_EQ(back.data, buffer.data);
  }
}

TEST(Decode, OrdersTheChannelsOfDeltaSplit) {
  cv::Mat buffer;
  for (const auto& [type, format] : {std::pair(CV_8UC3, v1::PIXEL_FORMAT_RGB), {CV_16UC4, v1::PIXEL_FORMAT_RGBA}}) {
    const cv::Mat pixels = noise(7, 5, type);
    v1::Image split;
    to_image(pixels, format, v1::IMAGE_ENCODING_DELTA_SPLIT, split);
    v1::Image raw;
    to_image(pixels, format, raw);
    cv::Mat other;
    EXPECT_EQ(cv::norm(decode(split, buffer), decode(raw, other), cv::NORM_INF), 0);
  }
}

TEST(Decode, ChecksTheSizesOfDeltaSplitBeforeItAllocates) {
  v1::Image image;
  to_image(noise(33, 9, CV_16UC1), v1::IMAGE_ENCODING_DELTA_SPLIT, image);
  EXPECT_ERROR(errc::decode, "decode() reads it", (void)view(image));
  cv::Mat buffer;
  image.set_width(34);
  EXPECT_ERROR(errc::decode, "it has 594 bytes; 34 x 9 pixels", (void)decode(image, buffer));
  image.set_width(100'000);
  image.set_height(100'000);
  EXPECT_ERROR(errc::decode, "100000 x 100000 pixels exceed the limit", (void)decode(image, buffer));
  EXPECT_TRUE(buffer.empty());
}

TEST(ToImage, NamesTheEncodingsItKnows) {
  v1::Image image;
  EXPECT_ERROR(errc::invalid_config, "IMAGE_ENCODING_PNG: known are",
               to_image(noise(3, 3, CV_8UC1), v1::IMAGE_ENCODING_PNG, image));
  EXPECT_ERROR(errc::invalid_config, "99", to_image(noise(3, 3, CV_8UC1), static_cast<v1::ImageEncoding>(99), image));
  EXPECT_EQ(image.image_data().size(), 0U);
}

}  // namespace
}  // namespace conveyor::vision
