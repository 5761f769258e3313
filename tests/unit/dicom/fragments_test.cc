// Frames of several fragments (PS3.5, annex A.4).

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "unit/dicom/picture.h"
#include "unit/vision/expect_error.h"

namespace conveyor::dicom {
namespace {

struct Stream {
  std::string_view syntax;
  const char* file;
  const char* begin;
};
const Stream kStreams[] = {{"1.2.840.10008.1.2.4.70", "gray12_jpeg_lossless.dcm", "\xff\xd8"},
                           {"1.2.840.10008.1.2.4.80", "gray12_jpeg_ls.dcm", "\xff\xd8"},
                           {"1.2.840.10008.1.2.4.90", "gray12_jpeg2000.dcm", "\xff\x4f\xff\x51"}};

/// The compressed picture in a file, to behind its end marker.
std::string stream_of(const Stream& stream) {
  const std::string file = corpus(stream.file);
  const auto begin = file.find(stream.begin);
  return file.substr(begin, file.rfind("\xff\xd9") + 2 - begin);
}

std::string file_of(const Stream& stream, int frames, const std::string& table,
                    const std::vector<std::string>& fragments) {
  Picture picture{.syntax = stream.syntax, .width = 17, .height = 12, .stored = 12, .pixel_bytes = 0xffffffff};
  picture.more = element(0x00280008, "IS", std::to_string(frames));
  picture.pixels = item(table);
  for (const std::string& fragment : fragments) picture.pixels += item(fragment);
  picture.pixels += kSequenceEnd;
  return picture.file();
}

/// The stream in two pieces, the second from `at` on, with padding behind it.
std::vector<std::string> pieces(const std::string& stream, std::size_t at, const std::string& padding) {
  return {stream.substr(0, at), stream.substr(at) + padding};
}

void expect_both_frames(const std::string& file, const std::string& what) {
  const auto expected = physical(frame_of(corpus("gray12.dcm")));
  ASSERT_EQ(File(file).frame_count(), 2) << what;
  for (const int frame : {0, 1}) EXPECT_EQ(physical(frame_of(file, frame)), expected) << what << ", frame " << frame;
}

TEST(DicomFragments, BelongToTheFrameWhoseEndMarkerFollows) {
  for (const Stream& stream : kStreams) {
    const std::string whole = stream_of(stream);
    for (const std::string& padding :
         {std::string(), std::string(1, '\0'), std::string(7, '\0'), std::string("\r\n")}) {
      const auto cut = pieces(whole, whole.size() / 2, padding);
      expect_both_frames(file_of(stream, 2, "", {cut[0], cut[1], cut[0], cut[1]}), stream.file);
      expect_both_frames(file_of(stream, 2, "", {cut[0], cut[1], whole}), stream.file);
    }
    const auto in_the_marker = pieces(whole, whole.size() - 1, std::string(1, '\0'));
    expect_both_frames(file_of(stream, 2, "", {in_the_marker[0], in_the_marker[1], whole}), stream.file);
  }
}

TEST(DicomFragments, AreAsTheTableSays) {
  for (const Stream& stream : kStreams) {
    const std::string whole = stream_of(stream);
    const auto cut = pieces(whole, whole.size() / 2, "");
    const auto second = static_cast<std::uint32_t>(whole.size() + 16);
    expect_both_frames(file_of(stream, 2, little_endian(0, 4) + little_endian(second, 4), {cut[0], cut[1], whole}),
                       stream.file);
  }
}

TEST(DicomFragments, AreRefusedWhereNothingSaysWhichFrameTheyAre) {
  for (const Stream& stream : kStreams) {
    const std::string whole = stream_of(stream);
    const auto cut = pieces(whole, whole.size() / 2, "");
    cv::Mat buffer;
    EXPECT_ERROR(errc::decode, "its 2 frames lie in 3 fragments without a table that says how, and 3 of these end",
                 (void)File(file_of(stream, 2, "", {whole, whole, whole})).frame(0, buffer));
    EXPECT_ERROR(errc::decode, "and 1 of these end",
                 (void)File(file_of(stream, 2, "", {cut[0], cut[1], cut[0]})).frame(0, buffer));
    EXPECT_ERROR(errc::decode, "its 3 frames lie in 2 fragments",
                 (void)File(file_of(stream, 3, "", {whole, whole})).frame(0, buffer));
    EXPECT_ERROR(errc::decode, "names places where no fragment begins",
                 (void)File(file_of(stream, 2, std::string(4, '\0') + little_endian(7, 4), {cut[0], cut[1], whole}))
                     .frame(0, buffer));
  }
  const std::string run_lengths = Picture{.syntax = kRle,
                                          .more = element(0x00280008, "IS", "2"),
                                          .pixels = item("") + item("ab") + item("cd") + item("ef") + kSequenceEnd,
                                          .pixel_bytes = 0xffffffff}
                                      .file();
  EXPECT_ERROR(errc::decode, "2 frames lie in 3 fragments without a table", (void)frame_of(run_lengths));
}

TEST(DicomFragments, ManyAreFoundInBoundedTime) {
  const Stream& stream = kStreams[2];
  std::vector<std::string> fragments(200'000, std::string("\xff\x01", 2));
  cv::Mat buffer;
  EXPECT_ERROR(errc::decode, "and 0 of these end", (void)File(file_of(stream, 1000, "", fragments)).frame(999, buffer));
}

TEST(DicomFragments, OfOneFrameMayHaveBytesBehindTheirEnd) {
  for (const Stream& stream : kStreams) {
    const std::string whole = stream_of(stream);
    const auto expected = physical(frame_of(corpus("gray12.dcm")));
    for (const std::string& behind : {std::string("\r\n"), std::string("\xff\xff"), std::string("SEFT")}) {
      EXPECT_EQ(physical(frame_of(file_of(stream, 1, "", {whole + behind}))), expected) << stream.file;
    }
  }
}

TEST(DicomFrames, NoneSaidIsOne) {
  for (const char* const frames : {"0", "", "1", " 1 "}) {
    const std::string file =
        Picture{.more = element(0x00280008, "IS", frames), .pixels = words({1, 2, 3, 4, 5, 6, 7, 8})}.file();
    EXPECT_EQ(File(file).frame_count(), 1) << frames;
    EXPECT_EQ(values<std::uint16_t>(frame_of(file).pixels).back(), 8) << frames;
  }
  for (const char* const frames : {"-1", "1.5", "99999999", "many"}) {
    EXPECT_THROW((void)File(Picture{.more = element(0x00280008, "IS", frames), .pixels = words({1})}.file()),
                 DecodeError)
        << frames;
  }
}

}  // namespace
}  // namespace conveyor::dicom
