// A message with raw or delta_split pixels.
#include "conveyor/vision/image.h"

#include <opencv2/core.hpp>

#include "conveyor/error.h"
#include "conveyor/v1/image.pb.h"
#include "quality/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  conveyor::fuzz::Input input(data, size);
  static cv::Mat buffer;
  conveyor::v1::Image image;
  image.set_encoding(static_cast<conveyor::v1::ImageEncoding>(input.byte() % 7));
  image.set_pixel_format(static_cast<conveyor::v1::PixelFormat>(input.byte() % 7));
  image.set_bit_depth(input.byte() % 3 * 8);
  image.set_width(input.word() - 2);
  image.set_height(input.word() - 2);
  image.set_image_data(std::string(input.rest()));
  try {
    const cv::Mat pixels = conveyor::vision::decode(image, buffer);
    conveyor::fuzz::expect(pixels.size() == cv::Size(image.width(), image.height()), "an image has its declared size");
    (void)cv::sum(pixels);  // reads every pixel
  } catch (const conveyor::DecodeError&) {
    return 0;
  }
  return 0;
}
