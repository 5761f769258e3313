#include "conveyor/vision/image.h"

#include <gtest/gtest.h>

#include <limits>
#include <opencv2/core.hpp>

#include "conveyor/v1/image.pb.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

v1::Image raw(int width, int height, std::size_t bytes, v1::PixelFormat format = v1::PIXEL_FORMAT_UNSPECIFIED) {
  v1::Image image;
  image.set_width(width);
  image.set_height(height);
  image.set_pixel_format(format);
  std::string& data = *image.mutable_image_data();
  for (std::size_t i = 0; i < bytes; ++i) data.push_back(static_cast<char>(i));
  return image;
}

v1::PixelFormat format_of(const v1::Image& image) { return view(image).format; }

TEST(ImageView, LooksAtTheBytesWhereTheyLie) {
  const v1::Image image = raw(4, 2, 24, v1::PIXEL_FORMAT_BGR);
  const ImageView seen = view(image);
  EXPECT_EQ(static_cast<const void*>(seen.pixels.data), image.image_data().data());
  EXPECT_EQ(seen.format, v1::PIXEL_FORMAT_BGR);
  EXPECT_EQ(seen.pixels.type(), CV_8UC3);
  EXPECT_EQ(seen.pixels.size(), cv::Size(4, 2));
  EXPECT_EQ(seen.pixels.at<cv::Vec3b>(1, 0), cv::Vec3b(12, 13, 14));
}

TEST(ImageView, TakesTheFormatFromTheSizeWhenNoneIsGiven) {
  EXPECT_EQ(format_of(raw(5, 3, 15)), v1::PIXEL_FORMAT_GRAY);
  EXPECT_EQ(format_of(raw(5, 3, 45)), v1::PIXEL_FORMAT_RGB);
  v1::Image deep = raw(5, 3, 30);
  deep.set_bit_depth(16);
  EXPECT_EQ(view(deep).format, v1::PIXEL_FORMAT_GRAY);
  EXPECT_EQ(view(deep).pixels.type(), CV_16UC1);
}

TEST(ImageView, ReadsSixteenBitsInLittleEndianOrder) {
  v1::Image image = raw(2, 1, 4, v1::PIXEL_FORMAT_GRAY);
  image.set_bit_depth(16);
  EXPECT_EQ(view(image).pixels.at<std::uint16_t>(0, 1), 0x0302);
}

TEST(ImageView, RefusesSizesThatDoNotFitTheBytes) {
  const v1::Image text = raw(10, 10, 26);
  EXPECT_ERROR(errc::decode, "26 bytes are neither 10 x 10 gray (100) nor RGB (300)", (void)view(text));
  const v1::Image few = raw(4, 2, 23, v1::PIXEL_FORMAT_BGR);
  EXPECT_ERROR(errc::decode, "it has 23 bytes; 4 x 2 pixels of PIXEL_FORMAT_BGR, 8 bit, are 24", (void)view(few));
  const v1::Image empty;
  EXPECT_ERROR(errc::decode, "0 x 0", (void)view(empty));
}

TEST(ImageView, RefusesHostileSizes) {
  constexpr int kMost = std::numeric_limits<int>::max();
  const std::pair<int, int> sizes[] = {{-1, 4},        {4, -1},      {-4, -4},       {0, 4},
                                       {kMost, kMost}, {kMost, 1},   {65536, 65536}, {32769, 1},
                                       {32768, 32768}, {1 << 30, 4}, {-kMost - 1, 1}};
  for (const auto& [width, height] : sizes) {
    const v1::Image image = raw(width, height, 16);
    EXPECT_THROW((void)view(image), DecodeError) << width << " x " << height;
  }
}

TEST(ImageView, RefusesWhatItDoesNotKnow) {
  v1::Image image = raw(4, 2, 24);
  image.set_bit_depth(12);
  EXPECT_ERROR(errc::decode, "bit depth is 12", (void)view(image));
  image.set_bit_depth(8);
  image.set_pixel_format(static_cast<v1::PixelFormat>(77));
  EXPECT_ERROR(errc::decode, "pixel format 77", (void)view(image));
  image.set_encoding(v1::IMAGE_ENCODING_DICOM);
  EXPECT_ERROR(errc::decode, "IMAGE_ENCODING_DICOM", (void)view(image));
  image.set_encoding(static_cast<v1::ImageEncoding>(99));
  EXPECT_ERROR(errc::decode, "encoding 99", (void)view(image));
}

TEST(Decode, SaysWhichComponentReadsAnEncoding) {
  v1::Image image = raw(4, 2, 24);
  image.set_encoding(v1::IMAGE_ENCODING_JPEG);
  cv::Mat buffer;
  EXPECT_ERROR(errc::decode, "Conveyor::media", (void)decode(image, buffer));
  image.set_encoding(v1::IMAGE_ENCODING_DICOM);
  EXPECT_ERROR(errc::decode, "Conveyor::dicom", (void)decode(image, buffer));
}

TEST(Decode, SwapsRgbIntoTheBufferAndKeepsBgrInPlace) {
  cv::Mat buffer;
  const v1::Image rgb = raw(2, 1, 6);
  const cv::Mat swapped = decode(rgb, buffer);
  EXPECT_EQ(swapped.at<cv::Vec3b>(0, 0), cv::Vec3b(2, 1, 0));
  EXPECT_EQ(swapped.data, buffer.data);
  const unsigned char* memory = buffer.data;
  EXPECT_EQ(decode(rgb, buffer).data, memory) << "the buffer is used again";

  const v1::Image bgr = raw(2, 1, 6, v1::PIXEL_FORMAT_BGR);
  EXPECT_EQ(static_cast<const void*>(decode(bgr, buffer).data), bgr.image_data().data());

  const v1::Image rgba = raw(1, 1, 4, v1::PIXEL_FORMAT_RGBA);
  EXPECT_EQ(decode(rgba, buffer).at<cv::Vec4b>(0, 0), cv::Vec4b(2, 1, 0, 3));
}

TEST(ToImage, ComesBackAsItWas) {
  for (const int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_16UC4}) {
    cv::Mat pixels(7, 5, type);
    cv::randu(pixels, 0, 255);
    v1::Image image;
    image.set_frame(9);
    to_image(pixels, image);
    EXPECT_EQ(image.frame(), 9);
    cv::Mat buffer;
    EXPECT_EQ(cv::norm(decode(image, buffer), pixels, cv::NORM_INF), 0) << type;
    EXPECT_EQ(decode(image, buffer).type(), type);
  }
}

TEST(ToImage, LeavesOutThePaddingOfRows) {
  cv::Mat whole(6, 6, CV_8UC1);
  cv::randu(whole, 0, 255);
  v1::Image image;
  to_image(whole(cv::Rect(1, 1, 3, 4)), image);
  EXPECT_EQ(image.image_data().size(), 12U);
  EXPECT_EQ(cv::norm(view(image).pixels, whole(cv::Rect(1, 1, 3, 4)), cv::NORM_INF), 0);
}

TEST(ToImage, RefusesWhatCannotBeSent) {
  v1::Image image;
  EXPECT_ERROR(errc::encode, "no pixels", to_image(cv::Mat(), image));
  EXPECT_ERROR(errc::encode, "32 bit float", to_image(cv::Mat(2, 2, CV_32FC1), image));
  EXPECT_ERROR(errc::encode, "2 channels", to_image(cv::Mat(2, 2, CV_8UC2), image));
  EXPECT_ERROR(errc::encode, "PIXEL_FORMAT_RGB", to_image(cv::Mat(2, 2, CV_8UC1), v1::PIXEL_FORMAT_RGB, image));
  EXPECT_ERROR(errc::encode, "limit", to_image(cv::Mat(1, kMaxImageSide + 1, CV_8UC1), image));
}

}  // namespace
}  // namespace conveyor::vision
