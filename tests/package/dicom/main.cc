// A DICOM file in a message.
#include <conveyor/dicom/decode.h>
#include <conveyor/error.h>
#include <conveyor/v1/image.pb.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>
#include <string>

namespace {

void expect(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "FAILED: %s\n", what);
  std::exit(1);
}

/// 2 x 1 pixels of 8 bit; a file may do without preamble and begin with its data set, here of implicit VR.
std::string file() {
  const auto element = [](int group, int number, const std::string& value) {
    const auto byte = [](std::size_t value) { return static_cast<char>(value & 0xff); };
    const std::size_t at[] = {static_cast<std::size_t>(group), static_cast<std::size_t>(number)};
    return std::string{byte(at[0]), byte(at[0] >> 8), byte(at[1]), byte(at[1] >> 8), byte(value.size()), 0, 0, 0} +
           value;
  };
  const auto number = [](int value) { return std::string{static_cast<char>(value), 0}; };
  return element(0x0008, 0x0060, "MR") + element(0x0028, 0x0002, number(1)) + element(0x0028, 0x0004, "MONOCHROME2 ") +
         element(0x0028, 0x0010, number(1)) + element(0x0028, 0x0011, number(2)) + element(0x0028, 0x0100, number(8)) +
         element(0x0028, 0x0101, number(8)) + element(0x0028, 0x0102, number(7)) + element(0x0028, 0x0103, number(0)) +
         element(0x7fe0, 0x0010, "\x05\x09");
}

}  // namespace

int main() {
  conveyor::v1::Image image;
  conveyor::dicom::to_image(file(), image);
  expect(image.width() == 2 && image.height() == 1, "the file's size");
  cv::Mat buffer;
  const conveyor::vision::DecodedImage decoded = conveyor::dicom::decode(image, buffer);
  expect(decoded.pixels.at<std::uint8_t>(0, 1) == 9 && decoded.slope == 1, "the file's pixels");
  image.set_image_data("no DICOM");
  try {
    (void)conveyor::dicom::decoder({.frame = 0})(image, buffer);
    expect(false, "what is no DICOM file is refused");
  } catch (const conveyor::DecodeError&) {
    std::puts("dicom: all used");
  }
}
