#include "conveyor/media/image_codec.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "conveyor/v1/image.pb.h"
#include "conveyor/vision/image.h"
#include "unit/vision/expect_error.h"

namespace conveyor::media {
namespace {

/// Smooth, as photographs are.
cv::Mat picture(int type, int width = 60, int height = 40) {
  cv::Mat pixels(height, width, type);
  cv::RNG random(7);
  random.fill(pixels, cv::RNG::UNIFORM, 0, CV_MAT_DEPTH(type) == CV_16U ? 65535 : 255);
  cv::GaussianBlur(pixels, pixels, {}, 6);
  return pixels;
}

v1::Image png(const cv::Mat& pixels) {
  v1::Image image;
  to_png(pixels, image);
  return image;
}
v1::Image jpeg(const cv::Mat& pixels) {
  v1::Image image;
  to_jpeg(pixels, image);
  return image;
}

TEST(Png, LosesNothing) {
  for (const int type : {CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_16UC4}) {
    const cv::Mat pixels = picture(type);
    const v1::Image image = png(pixels);
    EXPECT_EQ(image.width(), 60);
    EXPECT_EQ(image.height(), 40);
    EXPECT_EQ(image.bit_depth(), CV_MAT_DEPTH(type) == CV_8U ? 8 : 16);
    EXPECT_EQ(image.encoding(), v1::IMAGE_ENCODING_PNG);
    cv::Mat buffer;
    const cv::Mat back = decode(image, buffer);
    ASSERT_EQ(back.type(), type);
    EXPECT_EQ(cv::norm(back, pixels, cv::NORM_INF), 0);
  }
}

TEST(Jpeg, LosesLittle) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    const cv::Mat pixels = picture(type);
    const v1::Image image = jpeg(pixels);
    EXPECT_EQ(image.encoding(), v1::IMAGE_ENCODING_JPEG);
    cv::Mat buffer;
    const cv::Mat back = decode(image, buffer);
    ASSERT_EQ(back.type(), type);
    EXPECT_LT(cv::norm(back, pixels, cv::NORM_L1) / static_cast<double>(pixels.total()) / pixels.channels(), 2);
  }
}

TEST(Encode, SaysWhatItCannotEncode) {
  v1::Image image;
  EXPECT_ERROR(errc::encode, "8 bit gray or BGR is needed", to_jpeg(picture(CV_16UC1), image));
  EXPECT_ERROR(errc::encode, "no pixels", to_jpeg(cv::Mat(), image));
  EXPECT_ERROR(errc::encode, "32 bit float", to_png(cv::Mat(3, 3, CV_32FC1), image));
  EXPECT_ERROR(errc::invalid_config, "101", to_jpeg(picture(CV_8UC1), image, 101));
  EXPECT_ERROR(errc::invalid_config, "level 10", to_png(picture(CV_8UC1), image, 10));
  EXPECT_EQ(image.image_data().size(), 0U);
}

TEST(Decode, UsesItsBufferAgain) {
  cv::Mat buffer;
  const v1::Image image = jpeg(picture(CV_8UC3));
  (void)decode(image, buffer);
  const unsigned char* memory = buffer.data;
  EXPECT_EQ(decode(image, buffer).data, memory);
}

TEST(Decode, ReadsRawImagesToo) {
  v1::Image image;
  vision::to_image(picture(CV_8UC3), image);
  cv::Mat buffer;
  EXPECT_EQ(static_cast<const void*>(decode(image, buffer).data), image.image_data().data());
}

TEST(Decode, TakesUndeclaredDimensionsFromTheFile) {
  v1::Image image = png(picture(CV_8UC3));
  image.set_width(0);
  image.set_height(0);
  cv::Mat buffer;
  EXPECT_EQ(decode(image, buffer).size(), cv::Size(60, 40));
}

TEST(Decode, RefusesDimensionsThatAreNotTheFiles) {
  cv::Mat buffer;
  for (v1::Image image : {png(picture(CV_8UC3)), jpeg(picture(CV_8UC3))}) {
    image.set_frame(3);
    image.set_width(61);
    EXPECT_ERROR(errc::decode, "the message says 61 x 40 pixels, the encoded image 60 x 40",
                 (void)decode(image, buffer));
    image.set_width(-60);
    EXPECT_ERROR(errc::decode, "image of frame 3", (void)decode(image, buffer));
  }
  EXPECT_TRUE(buffer.empty()) << "nothing was decoded";
}

TEST(Decode, RefusesHugeDimensionsBeforeDecoding) {
  cv::Mat buffer;
  v1::Image bomb = png(picture(CV_8UC1));
  bomb.clear_width();
  bomb.clear_height();
  bomb.mutable_image_data()->replace(16, 8, std::string("\x7f\xff\xff\xff\x7f\xff\xff\xff", 8));
  EXPECT_ERROR(errc::decode, "exceed the limit", (void)decode(bomb, buffer));
  bomb.mutable_image_data()->replace(16, 8, std::string("\0\0\0\0\0\0\0\x10", 8));
  EXPECT_ERROR(errc::decode, "0 x 16", (void)decode(bomb, buffer));

  v1::Image large = jpeg(picture(CV_8UC1));
  large.clear_width();
  large.clear_height();
  const auto frame = large.image_data().find("\xff\xc0");
  large.mutable_image_data()->replace(frame + 5, 4, "\xff\xff\xff\xff");
  EXPECT_ERROR(errc::decode, "65535 x 65535 pixels exceed the limit", (void)decode(large, buffer));
}

TEST(Decode, RefusesJpegOfVeryManyScans) {
  cv::Mat buffer;
  v1::Image image = jpeg(picture(CV_8UC1));
  std::string& bytes = *image.mutable_image_data();
  std::string scans;
  for (int i = 0; i < 64; ++i) scans += std::string("\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00", 10);
  bytes.insert(bytes.size() - 2, scans);
  EXPECT_ERROR(errc::decode, "more than 64 scans", (void)decode(image, buffer));
}

std::string thumbnail() {
  const std::string small = jpeg(picture(CV_8UC3, 16, 16)).image_data();
  const auto length = static_cast<char>((small.size() + 2) >> 8);
  return std::string("\xff\xe1") + length + static_cast<char>(small.size() + 2) + small;
}

TEST(Decode, ReadsAnImageThatBytesFollow) {
  const std::string other = jpeg(picture(CV_8UC3, 20, 10)).image_data();
  std::string scans;
  for (int i = 0; i < 70; ++i) scans += "\xff\xda";
  const std::vector<std::string> behind = {"\r\n",
                                           "\n",
                                           "\xff",
                                           std::string(16, '\xff'),
                                           std::string(16, '\0'),
                                           std::string(96, 'x') + "SEFT",
                                           std::string("\0\0\0\x18"
                                                       "ftypmp42",
                                                       12),
                                           other,
                                           other.substr(0, other.size() / 2),
                                           scans + "\xff\xd9"};
  for (const v1::Image& whole : {png(picture(CV_8UC3)), jpeg(picture(CV_8UC3))}) {
    cv::Mat expected;
    (void)decode(whole, expected);
    for (std::size_t i = 0; i < behind.size(); ++i) {
      v1::Image image = whole;
      image.mutable_image_data()->append(behind[i]);
      cv::Mat buffer;
      const cv::Mat pixels = decode(image, buffer);
      ASSERT_EQ(pixels.size(), expected.size()) << v1::ImageEncoding_Name(whole.encoding()) << ", " << i;
      EXPECT_EQ(cv::norm(pixels, expected, cv::NORM_INF), 0) << v1::ImageEncoding_Name(whole.encoding()) << ", " << i;
    }
  }
}

TEST(Decode, LooksForTheEndOfAJpegBehindItsThumbnail) {
  const v1::Image whole = jpeg(picture(CV_8UC3));
  v1::Image image = whole;
  image.mutable_image_data()->insert(2, thumbnail());
  cv::Mat buffer;
  EXPECT_EQ(decode(image, buffer).size(), cv::Size(60, 40));
  image.mutable_image_data()->resize(image.image_data().size() - 2);
  EXPECT_ERROR(errc::decode, "the JPEG is cut short", (void)decode(image, buffer));
}

TEST(Decode, CountsTheScansOfTheImageOnly) {
  // Thumbnails are JPEGs too, and bytes behind the image are no scans.
  v1::Image image = jpeg(picture(CV_8UC3));
  for (int i = 0; i < 80; ++i) image.mutable_image_data()->insert(2, thumbnail());
  cv::Mat buffer;
  EXPECT_EQ(decode(image, buffer).size(), cv::Size(60, 40));
}

TEST(Decode, SaysThatAJpegIsCutShortAndNothingElse) {
  cv::Mat buffer;
  v1::Image image = jpeg(picture(CV_8UC3));
  image.mutable_image_data()->resize(image.image_data().size() - 12);
  EXPECT_ERROR(errc::decode, "the JPEG is cut short", (void)decode(image, buffer));
  image.set_image_data("\xff\xd8\xff\xd9");
  EXPECT_ERROR(errc::decode, "the JPEG has no frame header", (void)decode(image, buffer));
}

TEST(Decode, RefusesEveryTruncation) {
  cv::Mat buffer;
  for (const v1::Image& whole : {png(picture(CV_8UC3, 20, 10)), jpeg(picture(CV_8UC3, 20, 10))}) {
    for (std::size_t size = 0; size < whole.image_data().size(); ++size) {
      v1::Image image = whole;
      image.mutable_image_data()->resize(size);
      EXPECT_THROW((void)decode(image, buffer), DecodeError) << size;
    }
  }
}

TEST(Decode, SurvivesEveryFlippedByte) {
  cv::Mat buffer;
  for (const v1::Image& whole : {png(picture(CV_8UC3, 20, 10)), jpeg(picture(CV_8UC3, 20, 10))}) {
    for (std::size_t at = 0; at < whole.image_data().size(); ++at) {
      v1::Image image = whole;
      image.mutable_image_data()->at(at) ^= static_cast<char>(0xff);
      try {
        EXPECT_EQ(decode(image, buffer).size(), cv::Size(20, 10)) << at;
      } catch (const DecodeError&) {
        continue;
      }
    }
  }
}

TEST(Decode, NeverGivesTheImageBeforeAgain) {
  for (const v1::Image& whole : {png(picture(CV_8UC3)), jpeg(picture(CV_8UC3))}) {
    cv::Mat buffer;
    for (std::size_t at = 0; at < whole.image_data().size(); ++at) {
      buffer.create(40, 60, CV_8UC3);
      buffer.setTo(cv::Scalar(1, 2, 3));
      v1::Image image = whole;
      image.mutable_image_data()->at(at) ^= static_cast<char>(0xff);
      try {
        const cv::Mat pixels = decode(image, buffer);
        EXPECT_NE(pixels.at<cv::Vec3b>(0, 0), cv::Vec3b(1, 2, 3)) << at;
      } catch (const DecodeError&) {
        continue;
      }
    }
  }
}

TEST(Decode, RefusesBytesOfAnotherFormat) {
  cv::Mat buffer;
  v1::Image almost = jpeg(picture(CV_8UC3));
  almost.mutable_image_data()->insert(2, "x");
  EXPECT_ERROR(errc::decode, "its bytes are not a JPEG", (void)decode(almost, buffer));
  v1::Image image = png(picture(CV_8UC3));
  image.set_encoding(v1::IMAGE_ENCODING_JPEG);
  EXPECT_ERROR(errc::decode, "its bytes are not a JPEG", (void)decode(image, buffer));
  image = jpeg(picture(CV_8UC3));
  image.set_encoding(v1::IMAGE_ENCODING_PNG);
  EXPECT_ERROR(errc::decode, "its bytes are not a PNG", (void)decode(image, buffer));
}

}  // namespace
}  // namespace conveyor::media
