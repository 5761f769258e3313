// Which bits of a sample are its value: what is stored, what is above, and what a compressed stream says itself.

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unit/dicom/encode.h"
#include "unit/dicom/picture.h"
#include "unit/vision/expect_error.h"

namespace conveyor::dicom {
namespace {

constexpr std::uint32_t kHighBit = 0x00280102;

TEST(DicomStoredBits, MaskColoursToo) {
  Picture rgb{.width = 2, .height = 1, .stored = 12, .samples = 3, .photometric = "RGB"};
  rgb.pixels = words({0xa123, 0xffff, 0xf000, 0x1001, 0x0002, 0x8003});
  EXPECT_EQ(values<std::uint16_t>(frame_of(rgb.file()).pixels), (std::vector{0, 4095, 0x123, 3, 2, 1}));
}

TEST(DicomStoredBits, MaskColoursThatLieInTheHighBits) {
  Picture rgb{.width = 1, .height = 1, .stored = 12, .samples = 3, .photometric = "RGB"};
  rgb.pixels = words({0x123f, 0x0010, 0xfff0});
  EXPECT_EQ(values<std::uint16_t>(frame_of(with_number(rgb.file(), kHighBit, 15)).pixels),
            (std::vector{0xfff, 0x001, 0x123}));
}

TEST(DicomStoredBits, MaskRunLengthsAndPalettes) {
  const std::string stream = little_endian(2, 4) + little_endian(64, 4) + little_endian(68, 4) + std::string(52, '\0') +
                             std::string("\x01\xf1\x02\0", 4) + std::string("\x01\x0a\x0b\0", 4);
  const Picture run_lengths{.syntax = kRle,
                            .width = 2,
                            .height = 1,
                            .stored = 12,
                            .pixels = item("") + item(stream) + kSequenceEnd,
                            .pixel_bytes = 0xffffffff};
  EXPECT_EQ(values<std::uint16_t>(frame_of(run_lengths.file()).pixels), (std::vector{0x10a, 0x20b}));

  Picture palette{.width = 2, .height = 1, .stored = 8, .photometric = "PALETTE COLOR", .pixels = words({0xff01, 0})};
  for (std::uint32_t color = 0; color < 3; ++color) {
    palette.more += element(0x00281101 + color, "US", words({2, 0, 16}));
  }
  for (std::uint32_t color = 0; color < 3; ++color) palette.more += element(0x00281201 + color, "OW", words({5, 6}));
  EXPECT_EQ(values<std::uint16_t>(frame_of(palette.file()).pixels), (std::vector{6, 6, 6, 5, 5, 5}));
}

TEST(DicomStoredBits, OfYbrInWordsAreItsLowestEight) {
  Picture ybr{.width = 2, .height = 1, .stored = 8, .samples = 3, .photometric = "YBR_FULL"};
  ybr.pixels = words({0xff00 + 76, 85, 255, 150, 44, 21});
  const auto colours = values<std::uint8_t>(frame_of(ybr.file()).pixels);
  const std::vector pure{0, 0, 254, 0, 255, 0};  // red, green
  ASSERT_EQ(colours.size(), pure.size());
  for (std::size_t i = 0; i < pure.size(); ++i) EXPECT_NEAR(colours[i], pure[i], 2) << i;
}

constexpr std::string_view kJpegLs = "1.2.840.10008.1.2.4.80";
constexpr std::string_view kJpeg2000 = "1.2.840.10008.1.2.4.90";

std::string compressed(std::string_view syntax, const std::string& stream, std::uint32_t stored, bool is_signed) {
  return Picture{.syntax = syntax,
                 .stored = stored,
                 .is_signed = is_signed,
                 .pixels = item("") + item(stream + std::string(stream.size() % 2, '\0')) + kSequenceEnd,
                 .pixel_bytes = 0xffffffff}
      .file();
}

// Of 12 bits, as they are and as two's complement.
const cv::Mat kTwelve = (cv::Mat_<std::uint16_t>(2, 4) << 0, 1, 3540, 3780, 2047, 2048, 4095, 1023);
const std::vector<double> kUnsigned{0, 1, 3540, 3780, 2047, 2048, 4095, 1023};
const std::vector<double> kSigned{0, 1, -556, -316, 2047, -2048, -1, 1023};

/// Streams of more bits than the file says are stored: their values need them.
TEST(DicomStoredBits, OfJpeg2000AndJpegLsAreAsTheStreamSays) {
  for (const std::uint32_t stored : {8, 10, 11, 12, 16}) {
    EXPECT_EQ(physical(frame_of(compressed(kJpeg2000, encode_jpeg2000(kTwelve, 12), stored, false))), kUnsigned)
        << stored;
    EXPECT_EQ(physical(frame_of(compressed(kJpegLs, encode_jpeg_ls(kTwelve, 12), stored, false))), kUnsigned) << stored;
  }
  for (const std::string picture : {"gray16", "signed16"}) {
    const auto whole = physical(frame_of(corpus(picture + ".dcm")));
    for (const char* const syntax : {"_jpeg2000.dcm", "_jpeg_ls.dcm"}) {
      EXPECT_EQ(physical(frame_of(with_stored(corpus(picture + syntax), 10))), whole) << picture << syntax;
    }
  }
}

TEST(DicomStoredBits, OfStreamsKeepTheirSign) {
  const cv::Mat with_signs = (cv::Mat_<std::int16_t>(2, 4) << 0, 1, -556, -316, 2047, -2048, -1, 1023);
  for (const std::uint32_t stored : {10, 11, 12, 13, 16}) {
    EXPECT_EQ(physical(frame_of(compressed(kJpeg2000, encode_jpeg2000(with_signs, 12), stored, true))), kSigned)
        << stored;
    EXPECT_EQ(physical(frame_of(compressed(kJpeg2000, encode_jpeg2000(with_signs, 16), stored, true))), kSigned)
        << stored;
    EXPECT_EQ(physical(frame_of(compressed(kJpeg2000, encode_jpeg2000(kTwelve, 12), stored, true))), kSigned)
        << stored << ", unsigned stream";
    EXPECT_EQ(physical(frame_of(compressed(kJpegLs, encode_jpeg_ls(kTwelve, 12), stored, true))), kSigned) << stored;
    EXPECT_EQ(physical(frame_of(compressed(kJpeg2000, encode_jpeg2000(with_signs, 12), stored, false))), kUnsigned)
        << stored << ", signed stream of an unsigned file";
  }
}

TEST(DicomStoredBits, OfStreamsOfEightBitsMayLieInWords) {
  const cv::Mat small = (cv::Mat_<std::int16_t>(2, 4) << 0, 1, -1, -128, 127, 5, -5, 9);
  for (const std::uint32_t stored : {8, 12, 16}) {
    EXPECT_EQ(physical(frame_of(compressed(kJpeg2000, encode_jpeg2000(small, 8), stored, true))),
              (std::vector<double>{0, 1, -1, -128, 127, 5, -5, 9}))
        << stored;
  }
}

TEST(DicomStoredBits, OfAStreamAreNotMovedByTheHighBit) {
  for (const auto& [syntax, stream] :
       {std::pair(kJpeg2000, encode_jpeg2000(kTwelve, 12)), std::pair(kJpegLs, encode_jpeg_ls(kTwelve, 12))}) {
    EXPECT_EQ(physical(frame_of(with_number(compressed(syntax, stream, 12, false), kHighBit, 15))), kUnsigned)
        << syntax;
  }
  const cv::Mat left = kTwelve * 16;
  for (const auto& [syntax, stream] :
       {std::pair(kJpeg2000, encode_jpeg2000(left, 16)), std::pair(kJpegLs, encode_jpeg_ls(left, 16))}) {
    EXPECT_EQ(physical(frame_of(with_number(compressed(syntax, stream, 12, false), kHighBit, 15))), kUnsigned)
        << syntax << ", whole words";
  }
}

TEST(DicomStoredBits, OfJpegMustHoldItsValues) {
  EXPECT_ERROR(errc::decode,
               "its compressed samples have 16 bits, and values that the 10 bits which it says are stored cannot hold",
               (void)frame_of(with_stored(corpus("gray16_jpeg_lossless.dcm"), 10)));
  EXPECT_ERROR(errc::decode, "cannot hold", (void)frame_of(with_stored(corpus("signed16_jpeg_lossless.dcm"), 12)));
  EXPECT_EQ(physical(frame_of(with_stored(corpus("gray12_jpeg_lossless.dcm"), 12))),
            physical(frame_of(corpus("gray12.dcm"))));
}

/// YCbCr of rgb8 in a JPEG 2000 that leaves its components as they are.
TEST(DicomStoredBits, OfJpeg2000AreYbrUnlessItTransformsThem) {
  const cv::Mat expected = frame_of(corpus("rgb8.dcm")).pixels;
  EXPECT_LE(cv::norm(frame_of(corpus("rgb8_jpeg2000_ybr.dcm")).pixels, expected, cv::NORM_INF), 2);
  EXPECT_EQ(cv::norm(frame_of(corpus("rgb8_jpeg2000.dcm")).pixels, expected, cv::NORM_INF), 0);
  EXPECT_EQ(cv::norm(frame_of(corpus("rgb8_jpeg2000_plain.dcm")).pixels, expected, cv::NORM_INF), 0);
}

}  // namespace
}  // namespace conveyor::dicom
