#include "conveyor/dicom/decode.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <opencv2/core.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/serve.h"
#include "unit/dicom/picture.h"
#include "unit/vision/expect_error.h"

namespace conveyor::dicom {
namespace {

v1::Image message(const std::string& file) {
  v1::Image image;
  image.set_frame(3);
  image.set_encoding(v1::IMAGE_ENCODING_DICOM);
  image.set_image_data(file);
  return image;
}

TEST(Dicom, SaysWhatItsValuesStandFor) {
  using vision::PixelRange;
  const std::string pixels(16, '\1'), rescale = element(0x00281052, "DS", "-1024") + element(0x00281053, "DS", "1");
  EXPECT_EQ(frame_of(Picture{.stored = 12, .pixels = pixels}.file()).range, PixelRange::levels(4095));
  EXPECT_EQ(frame_of(Picture{.stored = 10, .photometric = "MONOCHROME1", .pixels = pixels}.file()).range,
            PixelRange::levels(1023))
      << "its pixels are inverted, and brightness all the same";
  EXPECT_EQ(frame_of(Picture{.allocated = 8, .stored = 8, .pixels = std::string(8, '\1')}.file()).range,
            PixelRange::levels(255));
  EXPECT_EQ(frame_of(Picture{.stored = 12, .is_signed = true, .pixels = pixels}.file()).range,
            PixelRange::physical(0, 4095));
  EXPECT_EQ(frame_of(Picture{.stored = 12, .more = rescale, .pixels = pixels}.file()).range,
            PixelRange::physical(0, 4095));
  const std::string planar = number(0x00280006, 0);
  EXPECT_EQ(
      frame_of(
          Picture{.stored = 12, .samples = 3, .photometric = "RGB", .more = planar, .pixels = std::string(48, '\1')}
              .file())
          .range,
      PixelRange::levels(4095));
}

const std::string kRescale = element(0x00281052, "DS", "-1000") + element(0x00281053, "DS", "2.5");

TEST(Dicom, GivesPixelsWithSlopeAndIntercept) {
  const auto image = frame_of(Picture{.more = kRescale, .pixels = words({0, 1, 2, 3, 400, 500, 600, 65535})}.file());
  EXPECT_EQ(image.pixels.type(), CV_16UC1);
  EXPECT_EQ(image.pixels.size(), cv::Size(4, 2));
  EXPECT_EQ(values<std::uint16_t>(image.pixels), (std::vector{0, 1, 2, 3, 400, 500, 600, 65535}));
  EXPECT_EQ(image.slope, 2.5);
  EXPECT_EQ(image.intercept, -1000);
}

TEST(Dicom, RaisesSignedPixelsAndKeepsTheirPhysicalValues) {
  const auto image = frame_of(
      Picture{.is_signed = true, .more = kRescale, .pixels = words({-32768, -2, -1, 0, 1, 2, 3, 32767})}.file());
  EXPECT_EQ(values<std::uint16_t>(image.pixels), (std::vector{0, 32766, 32767, 32768, 32769, 32770, 32771, 65535}));
  EXPECT_EQ(physical(image), (std::vector<double>{2.5 * -32768 - 1000, -1005, -1002.5, -1000, -997.5, -995, -992.5,
                                                  2.5 * 32767 - 1000}));
}

TEST(Dicom, LooksAtTheStoredBitsOnly) {
  // The highest four bits once held overlays.
  const auto image = frame_of(
      Picture{.stored = 12, .is_signed = true, .pixels = words({0x0fff, 0xf800, 0xf7ff, 0x1000, 0, 0, 0, 0})}.file());
  EXPECT_EQ(physical(image), (std::vector<double>{-1, -2048, 2047, 0, 0, 0, 0, 0}));
  EXPECT_EQ(values<std::uint16_t>(image.pixels)[0], 2047);
}

TEST(Dicom, InvertsMonochrome1SoThatBrighterIsMoreLight) {
  const auto plain = frame_of(Picture{
      .stored = 12, .photometric = "MONOCHROME1", .more = kRescale, .pixels = words({0, 1, 4095, 9, 0, 0, 0, 0})}
                                  .file());
  EXPECT_EQ(values<std::uint16_t>(plain.pixels), (std::vector{4095, 4094, 0, 4086, 4095, 4095, 4095, 4095}));
  EXPECT_EQ(physical(plain)[2], 2.5 * 4095 - 1000) << "the file's own rescale still holds";
  const auto with_signs = frame_of(Picture{
      .is_signed = true, .photometric = "MONOCHROME1", .more = kRescale, .pixels = words({-5, 7, 0, 0, 0, 0, 0, 0})}
                                       .file());
  EXPECT_GT(values<std::uint16_t>(with_signs.pixels)[0], values<std::uint16_t>(with_signs.pixels)[1]);
  EXPECT_EQ(physical(with_signs)[0], 2.5 * -5 - 1000);
  EXPECT_EQ(physical(with_signs)[1], 2.5 * 7 - 1000);
}

TEST(Dicom, ReadsEightBits) {
  const auto image = frame_of(
      Picture{.allocated = 8, .stored = 8, .is_signed = true, .pixels = std::string("\x80\xff\0\x01\x7f\0\0\0", 8)}
          .file());
  EXPECT_EQ(image.pixels.type(), CV_8UC1);
  EXPECT_EQ(values<std::uint8_t>(image.pixels), (std::vector{0, 127, 128, 129, 255, 128, 128, 128}));
  EXPECT_EQ(image.intercept, -128);
}

TEST(Dicom, GivesEveryFrameOfSeveral) {
  Picture two{.more = element(0x00280008, "IS", "2")};
  two.pixels = words({1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18});
  const std::string file = two.file();
  EXPECT_EQ(File(file).frame_count(), 2);
  EXPECT_EQ(values<std::uint16_t>(frame_of(file, 0).pixels).front(), 1);
  EXPECT_EQ(values<std::uint16_t>(frame_of(file, 1).pixels).back(), 18);
  cv::Mat buffer;
  EXPECT_THROW((void)File(file).frame(2, buffer), std::out_of_range);
  EXPECT_THROW((void)File(file).frame(-1, buffer), std::out_of_range);

  const v1::Image image = message(file);
  EXPECT_ERROR(errc::decode, "image of frame 3 (IMAGE_ENCODING_DICOM) cannot be read: the file has 2 frames",
               (void)decode(image, buffer));
  EXPECT_EQ(values<std::uint16_t>(decoder({.frame = 1})(image, buffer).pixels).front(), 11);
  EXPECT_ERROR(errc::decode, "DecoderOptions::frame is 2, the file has 2 frames",
               (void)decoder({.frame = 2})(image, buffer));
}

TEST(Dicom, RescalesEachFrameAsItsGroupsSay) {
  const auto groups = [](const std::string& slope) {
    return item(element(0x00289145, "SQ", item(element(0x00281052, "DS", "5") + element(0x00281053, "DS", slope))));
  };
  Picture three{.width = 1, .height = 1, .pixels = words({100, 100, 100})};
  three.more = element(0x00280008, "IS", "3") + element(0x52009229, "SQ", groups("2")) +
               element(0x52009230, "SQ", groups("3") + item("") + groups("4"));
  EXPECT_EQ(physical(frame_of(three.file(), 0)), std::vector{305.0});
  EXPECT_EQ(physical(frame_of(three.file(), 1)), std::vector{205.0}) << "as all frames";
  EXPECT_EQ(physical(frame_of(three.file(), 2)), std::vector{405.0});
}

TEST(Dicom, OrdersColoursBlueGreenRed) {
  Picture rgb{.width = 2, .height = 1, .allocated = 8, .stored = 8, .samples = 3, .photometric = "RGB"};
  rgb.pixels = std::string("\1\2\3\4\5\6", 6);
  EXPECT_EQ(values<std::uint8_t>(frame_of(rgb.file()).pixels), (std::vector{3, 2, 1, 6, 5, 4}));
  Picture planes = rgb;
  planes.before = number(0x00280002, 3) + element(0x00280004, "CS", "RGB") + number(0x00280006, 1);
  planes.pixels = std::string("\1\4\2\5\3\6", 6);
  EXPECT_EQ(values<std::uint8_t>(frame_of(planes.file()).pixels), (std::vector{3, 2, 1, 6, 5, 4}));
}

TEST(Dicom, LooksUpPalettes) {
  Picture palette{.width = 4, .height = 1, .allocated = 8, .stored = 8, .photometric = "PALETTE COLOR"};
  for (std::uint32_t color = 0; color < 3; ++color) {
    palette.more += element(0x00281101 + color, "US", words({3, 10, 16}));
  }
  for (std::uint32_t color = 0; color < 3; ++color) {
    const int base = static_cast<int>(color) * 1000;
    palette.more += element(0x00281201 + color, "OW", words({base, base + 1, base + 2}));
  }
  palette.pixels = std::string("\x00\x0a\x0b\xff", 4);
  const auto image = frame_of(palette.file());
  EXPECT_EQ(image.pixels.type(), CV_16UC3);
  EXPECT_EQ(values<std::uint16_t>(image.pixels),
            (std::vector{2000, 1000, 0, 2000, 1000, 0, 2001, 1001, 1, 2002, 1002, 2}))
      << "below the first entry is the first, above the last the last";
  palette.more.resize(palette.more.size() - 4);
  EXPECT_THROW((void)frame_of(palette.file()), DecodeError);
}

TEST(Dicom, UnpacksRunLengths) {
  const std::string high("\x00\x01\xf9\x02\x80", 5);         // one literal, 8 times 2: more than needed
  const std::string low("\x03\x0a\x0b\x0c\x0d\xfd\x0e", 7);  // four literals, 4 times 14
  const std::string header = little_endian(2, 4) + little_endian(64, 4) + little_endian(70, 4) + std::string(52, '\0');
  const std::string packed = header + high + '\0' + low + '\0';
  const auto file = [](const std::string& stream) {
    return Picture{.syntax = kRle, .pixels = item("") + item(stream) + kSequenceEnd, .pixel_bytes = 0xffffffff}.file();
  };
  EXPECT_EQ(values<std::uint16_t>(frame_of(file(packed)).pixels),
            (std::vector{0x10a, 0x20b, 0x20c, 0x20d, 0x20e, 0x20e, 0x20e, 0x20e}));
  for (std::size_t size = 0; size + 1 < packed.size(); ++size) {
    EXPECT_THROW((void)frame_of(file(packed.substr(0, size))), DecodeError) << size;
  }
}

TEST(Dicom, SkipsSequencesWithAndWithoutLengths) {
  const std::string inner = element(0x00400008, "SH", "inside");
  const std::string open =
      std::string("\xfe\xff\x00\xe0\xff\xff\xff\xff", 8) + inner + std::string("\xfe\xff\x0d\xe0\0\0\0\0", 8);
  Picture picture{.pixels = words({1, 2, 3, 4, 5, 6, 7, 8})};
  picture.before =
      element(0x00082218, "SQ", item(inner)) + element(0x00082219, "SQ", item(inner) + open + kSequenceEnd, 0xffffffff);
  EXPECT_EQ(values<std::uint16_t>(frame_of(picture.file()).pixels).front(), 1);
}

TEST(Dicom, RefusesSequencesWithoutEnd) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) {
    deep += element(0x00082218, "SQ", "", 0xffffffff) + std::string("\xfe\xff\x00\xe0\xff\xff\xff\xff", 8);
  }
  EXPECT_ERROR(errc::decode, "more than 32 deep", (void)File(Picture{.before = deep, .pixels = words({1})}.file()));
}

TEST(Dicom, ReadsFilesWithoutPreamble) {
  Picture picture{.pixels = words({1, 2, 3, 4, 5, 6, 7, 8})};
  EXPECT_EQ(File(picture.file().substr(132)).width(), 4);
  std::string tiff = picture.file();
  tiff.replace(0, 4, std::string("II\x2a\0", 4));
  EXPECT_EQ(File(tiff).width(), 4) << "a preamble may be the beginning of a TIFF";
}

TEST(Dicom, RefusesWhatItIsNot) {
  EXPECT_ERROR(errc::decode, "not DICOM", (void)File("this is no DICOM file at all"));
  EXPECT_ERROR(errc::decode, "not DICOM", (void)File(""));
  EXPECT_ERROR(errc::decode, "transfer syntax 1.2.840.10008.1.2.4.100 is not decoded",
               (void)File(Picture{.syntax = "1.2.840.10008.1.2.4.100"}.file()));
  EXPECT_ERROR(errc::decode, "32 bits a sample; 8 and 16 are decoded",
               (void)File(Picture{.allocated = 32, .stored = 32, .pixels = "12345678"}.file()));
  EXPECT_ERROR(errc::decode, "\"HSV\" is not decoded",
               (void)File(Picture{.photometric = "HSV", .pixels = "1234"}.file()));
  EXPECT_ERROR(errc::decode, "rescale slope is 0",
               (void)File(Picture{.more = element(0x00281053, "DS", "0"), .pixels = "1234"}.file()));
  EXPECT_ERROR(errc::decode, "rescale slope (0028,1053) is no number",
               (void)File(Picture{.more = element(0x00281053, "DS", "nan"), .pixels = "1234"}.file()));
}

TEST(Dicom, RefusesSizesBeforeItAllocates) {
  cv::Mat buffer;
  const v1::Image huge = message(Picture{.width = 65535, .height = 65535, .pixels = words({1})}.file());
  EXPECT_ERROR(errc::decode, "65535 x 65535 pixels exceed the limit", (void)decode(huge, buffer));
  const v1::Image none = message(Picture{.width = 0, .pixels = words({1})}.file());
  EXPECT_ERROR(errc::decode, "0 x 2", (void)decode(none, buffer));
  const v1::Image few = message(Picture{.pixels = words({1, 2, 3})}.file());
  EXPECT_ERROR(errc::decode, "its pixel data has 6 bytes; 4 x 2 pixels, 1 sample of 16 bit, 1 frame, are 16",
               (void)decode(few, buffer));
  const v1::Image frames = message(Picture{.more = element(0x00280008, "IS", "99999"), .pixels = words({1})}.file());
  EXPECT_ERROR(errc::decode, "are 1599984", (void)decoder({.frame = 0})(frames, buffer));
  const v1::Image length = message(Picture{.pixels = words({1}), .pixel_bytes = 0xfffffff0}.file());
  EXPECT_ERROR(errc::decode, "(7fe0,0010) has 4294967280 bytes, of which 2 are there", (void)decode(length, buffer));
  EXPECT_TRUE(buffer.empty());
}

TEST(Dicom, ComparesTheMessagesSizeWithTheFiles) {
  v1::Image image;
  to_image(Picture{.pixels = words({1, 2, 3, 4, 5, 6, 7, 8})}.file(), image);
  EXPECT_EQ(image.width(), 4);
  EXPECT_EQ(image.height(), 2);
  EXPECT_EQ(image.encoding(), v1::IMAGE_ENCODING_DICOM);
  cv::Mat buffer;
  EXPECT_EQ(decode(image, buffer).pixels.size(), cv::Size(4, 2));
  image.set_height(3);
  EXPECT_ERROR(errc::decode, "the message says 4 x 3 pixels, the file 4 x 2", (void)decode(image, buffer));
}

TEST(Dicom, LeavesOtherEncodingsToOtherDecoders) {
  v1::Image image;
  vision::to_image(cv::Mat(2, 2, CV_8UC1, cv::Scalar(7)), image);
  cv::Mat buffer;
  EXPECT_EQ(decode(image, buffer).pixels.at<std::uint8_t>(1, 1), 7);
  const auto nine = [](const v1::Image&, cv::Mat&) { return cv::Mat(1, 1, CV_8UC1, cv::Scalar(9)); };
  EXPECT_EQ(decoder({.others = nine})(image, buffer).pixels.at<std::uint8_t>(0, 0), 9);
}

TEST(Dicom, UsesItsBufferAgain) {
  cv::Mat buffer;
  const std::string file = Picture{.pixels = words({1, 2, 3, 4, 5, 6, 7, 8})}.file();
  (void)File(file).frame(0, buffer);
  const unsigned char* memory = buffer.data;
  EXPECT_EQ(File(file).frame(0, buffer).pixels.data, memory);
}

TEST(Dicom, ReachesTheClassifierInPhysicalValues) {
  double lowest = 0;
  const auto model = vision::scripted([&](const cv::Mat& pixels, vision::Outcome& outcome) {
    cv::minMaxLoc(pixels, &lowest);
    outcome.nothing_found();
  });
  // [serve]
  vision::Predictor predict{model, {.preprocess = "rescale|resize(64,64)", .decode = dicom::decode}};
  // [/serve]
  const std::string file =
      Picture{.is_signed = true, .more = kRescale, .pixels = words({-4, -4, -4, -4, -4, -4, -4, -4})}.file();
  (void)predict(testing::message(message(file)));
  EXPECT_EQ(lowest, 2.5 * -4 - 1000);
}

TEST(Dicom, ShowsEachFrame) {
  const std::string bytes =
      Picture{.more = element(0x00280008, "IS", "2"), .pixels = words({1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8})}
          .file();
  std::vector<v1::Image> images;
  // [frames]
  const dicom::File file{bytes};
  cv::Mat buffer;
  for (int i = 0; i < file.frame_count(); ++i) {
    vision::to_image(file.frame(i, buffer).pixels, v1::IMAGE_ENCODING_DELTA_SPLIT, images.emplace_back());
  }
  // [/frames]
  ASSERT_EQ(images.size(), 2U);
  EXPECT_EQ(values<std::uint16_t>(vision::decode(images[1], buffer)).back(), 8);
}

TEST(Dicom, DecodesEveryLosslessSyntaxExactly) {
  for (const std::string picture : {"gray12", "gray16", "signed16", "rgb8"}) {
    const auto native = frame_of(corpus(picture + ".dcm"));
    double most = 0;
    cv::minMaxLoc(native.pixels.reshape(1), nullptr, &most);
    EXPECT_GT(most, 200) << picture;
    for (const char* const syntax : {"_jpeg_lossless", "_jpeg_ls", "_jpeg2000", "_rle"}) {
      const auto packed = frame_of(corpus(picture + syntax + ".dcm"));
      ASSERT_EQ(packed.pixels.type(), native.pixels.type()) << picture << syntax;
      EXPECT_EQ(cv::norm(packed.pixels, native.pixels, cv::NORM_INF), 0) << picture << syntax;
      EXPECT_EQ(packed.intercept, native.intercept) << picture << syntax;
    }
  }
  const cv::Mat lossy = frame_of(corpus("gray12_jpeg_extended.dcm")).pixels;
  EXPECT_LE(cv::norm(lossy, frame_of(corpus("gray12.dcm")).pixels, cv::NORM_INF), 1);
}

TEST(Dicom, DecodesHighThroughputJpeg2000) {
  for (const std::string picture : {"gray12", "rgb8"}) {
    EXPECT_EQ(cv::norm(frame_of(corpus(picture + "_htj2k.dcm")).pixels, frame_of(corpus(picture + ".dcm")).pixels,
                       cv::NORM_INF),
              0)
        << picture;
  }
}

/// Not compressed at all: one block of RFC 1951.
std::string deflated(const std::string& bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  return "\x01" + little_endian(size, 2) + little_endian(~size, 2) + bytes;
}

TEST(Dicom, InflatesEachFrame) {
  Picture two{.syntax = "1.2.840.10008.1.2.8.1", .more = element(0x00280008, "IS", "2"), .pixel_bytes = 0xffffffff};
  const auto pixels = [](const std::string& first, const std::string& second) {
    return item("") + item(first) + item(second) + kSequenceEnd;
  };
  const std::string first = deflated(words({1, 2, 3, 4, 5, 6, 7, 8}));
  two.pixels = pixels(first, deflated(words({9, 10, 11, 12, 13, 14, 15, 16}) + '\0') + '\0');
  EXPECT_EQ(values<std::uint16_t>(frame_of(two.file(), 0).pixels), (std::vector{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(values<std::uint16_t>(frame_of(two.file(), 1).pixels), (std::vector{9, 10, 11, 12, 13, 14, 15, 16}));
  for (const std::string& bad :
       {first.substr(0, 9), deflated(words({1, 2, 3})), deflated(std::string(100, 'x')), std::string()}) {
    two.pixels = pixels(bad, first);
    EXPECT_ERROR(errc::decode, "its deflated frame is corrupt, or not of 16 bytes", (void)frame_of(two.file(), 0));
  }
  Picture bits{.syntax = two.syntax, .allocated = 1, .stored = 1, .pixel_bytes = 0xffffffff};
  bits.pixels = item("") + item(deflated("\x2d")) + kSequenceEnd;
  EXPECT_EQ(values<std::uint8_t>(frame_of(bits.file()).pixels), (std::vector{1, 0, 1, 1, 0, 1, 0, 0}));
}

class Compressed : public ::testing::TestWithParam<const char*> {};

TEST_P(Compressed, SurvivesBeingCutShortAndDamaged) {
  const std::string whole = corpus(GetParam());
  cv::Mat buffer;
  ASSERT_NO_THROW((void)File(whole).frame(0, buffer));
  const std::size_t step = whole.size() > 3000 ? 29 : 1;
  for (std::size_t at = 0; at < whole.size(); at += step) {
    EXPECT_THROW((void)File(whole.substr(0, at)).frame(0, buffer), DecodeError) << at;
    for (const int bits : {0xff, 0x01}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ bits);
      try {
        const File file(damaged);
        EXPECT_EQ(file.frame(0, buffer).pixels.size(), cv::Size(file.width(), file.height()));
      } catch (const DecodeError&) {
        continue;
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(All, Compressed,
                         ::testing::Values("SC_rgb_small_odd_jpeg.dcm", "JPEGLSNearLossless_16.dcm", "JPEG2000.dcm",
                                           "gray12_jpeg_extended.dcm", "gray12_htj2k.dcm", "gray16_jpeg_lossless.dcm",
                                           "rgb8_jpeg2000.dcm", "SC_rgb_rle.dcm", "SC_rgb_jpeg_gdcm.dcm",
                                           "image_dfl.dcm"));

TEST(Dicom, RefusesSegmentsLongerThanTheirJpeg) {
  // GDCM would wait for ever for the rest of a comment.
  std::string file = corpus("SC_rgb_small_odd_jpeg.dcm");
  const auto end = file.rfind("\xff\xd9");
  ASSERT_NE(end, std::string::npos);
  cv::Mat buffer;
  file.replace(end - 2, 4, "\xff\xfe\xff\xff");
  EXPECT_ERROR(errc::decode, "JPEG in it is malformed or cut short", (void)File(file).frame(0, buffer));
}

TEST(Dicom, RefusesJpegLsWithoutItsEnd) {
  // CharLS would take seconds for such a stream.
  std::string file = corpus("JPEGLSNearLossless_08.dcm");
  const auto end = file.rfind("\xff\xd9");
  ASSERT_NE(end, std::string::npos);
  file[end + 1] = '\0';
  cv::Mat buffer;
  EXPECT_ERROR(errc::decode, "the JPEG-LS in it is cut short", (void)File(file).frame(0, buffer));
}

TEST(Dicom, RefusesStreamsOfAnotherSize) {
  std::string file = corpus("SC_rgb_small_odd_jpeg.dcm");
  const auto frame = file.find(std::string("\xff\xc0\x00\x11", 4));
  ASSERT_NE(frame, std::string::npos);
  file.replace(frame + 5, 4, "\xff\xff\xff\xff");
  cv::Mat buffer;
  EXPECT_ERROR(errc::decode, "its compressed pixels 65535 x 65535 of 3", (void)File(file).frame(0, buffer));
}

}  // namespace
}  // namespace conveyor::dicom
