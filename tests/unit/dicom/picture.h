#ifndef CONVEYOR_TESTS_UNIT_DICOM_PICTURE_H_
#define CONVEYOR_TESTS_UNIT_DICOM_PICTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/dicom/decode.h"

// DICOM files made of their parts.

namespace conveyor::dicom {

inline constexpr std::string_view kExplicit = "1.2.840.10008.1.2.1";
inline constexpr std::string_view kRle = "1.2.840.10008.1.2.5";

inline std::string little_endian(std::uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i, value >>= 8) bytes += static_cast<char>(value & 0xff);
  return bytes;
}

/// An element of explicit VR, little endian; a length of its own is for what does not fit its value.
inline std::string element(std::uint32_t tag, std::string_view vr, std::string value, std::uint32_t length = 0) {
  if (value.size() % 2 != 0) value += vr == "UI" ? '\0' : ' ';
  if (length == 0) length = static_cast<std::uint32_t>(value.size());
  const bool is_long = vr == "OW" || vr == "OB" || vr == "SQ" || vr == "UN";
  return little_endian(tag >> 16, 2) + little_endian(tag & 0xffff, 2) + std::string(vr) +
         (is_long ? std::string(2, '\0') + little_endian(length, 4) : little_endian(length, 2)) + value;
}
inline std::string number(std::uint32_t tag, std::uint32_t value) {
  return element(tag, "US", little_endian(value, 2));
}
inline std::string item(const std::string& value) {
  return "\xfe\xff" + std::string("\x00\xe0", 2) + little_endian(static_cast<std::uint32_t>(value.size()), 4) + value;
}
inline const std::string kSequenceEnd("\xfe\xff\xdd\xe0\0\0\0\0", 8);

/// A file of gray pixels, 4 x 2 unless it says otherwise.
struct Picture {
  std::string_view syntax = kExplicit;
  std::uint32_t width = 4;
  std::uint32_t height = 2;
  std::uint32_t allocated = 16;
  std::uint32_t stored = 16;
  bool is_signed = false;
  std::uint32_t samples = 1;
  std::string photometric = "MONOCHROME2";
  std::string before = {};  ///< elements of other groups
  std::string more = {};    ///< elements of group 0028 that follow
  std::string pixels = {};
  std::uint32_t pixel_bytes = 0;  ///< what the file says; 0: the truth

  std::string file() const {
    const std::string image = before + number(0x00280002, samples) + element(0x00280004, "CS", photometric) +
                              number(0x00280010, height) + number(0x00280011, width) + number(0x00280100, allocated) +
                              number(0x00280101, stored) + number(0x00280102, stored - 1) +
                              number(0x00280103, is_signed ? 1 : 0) + more;
    return std::string(128, '\0') + "DICM" + element(0x00020010, "UI", std::string(syntax)) + image +
           element(0x7fe00010, syntax == kExplicit ? "OW" : "OB", pixels, pixel_bytes);
  }
};

inline std::string words(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += little_endian(static_cast<std::uint32_t>(value), 2);
  return bytes;
}

inline vision::DecodedImage frame_of(const std::string& file, int index = 0) {
  cv::Mat buffer;
  return File(file).frame(index, buffer);
}
template <class T>
std::vector<int> values(const cv::Mat& pixels) {
  const T* first = pixels.ptr<T>();
  return {first, first + pixels.total() * static_cast<std::size_t>(pixels.channels())};
}
inline std::vector<double> physical(const vision::DecodedImage& image) {
  std::vector<double> all;
  for (const int value :
       image.pixels.depth() == CV_8U ? values<std::uint8_t>(image.pixels) : values<std::uint16_t>(image.pixels)) {
    all.push_back(image.slope * value + image.intercept);
  }
  return all;
}

/// A file of tests/quality/fuzz/corpus/dicom.
inline std::string corpus(const std::string& name) {
  std::ifstream in(std::string(CONVEYOR_TEST_DICOM) + "/" + name, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  EXPECT_FALSE(bytes.empty()) << name;
  return bytes;
}

/// The file with another number in an element of VR US.
inline std::string with_number(std::string file, std::uint32_t tag, std::uint32_t value) {
  const std::string head = little_endian(tag >> 16, 2) + little_endian(tag & 0xffff, 2) + "US" + little_endian(2, 2);
  const auto at = file.find(head);
  EXPECT_NE(at, file.npos);
  return at == file.npos ? file : file.replace(at + head.size(), 2, little_endian(value, 2));
}
/// The file, which says that so many bits are stored.
inline std::string with_stored(const std::string& file, std::uint32_t bits) {
  return with_number(with_number(file, 0x00280101, bits), 0x00280102, bits - 1);
}

}  // namespace conveyor::dicom

#endif  // CONVEYOR_TESTS_UNIT_DICOM_PICTURE_H_
