#ifndef CONVEYOR_TESTS_QUALITY_FUZZ_ENCODED_IMAGE_H_
#define CONVEYOR_TESTS_QUALITY_FUZZ_ENCODED_IMAGE_H_

#include <opencv2/core.hpp>

#include "conveyor/error.h"
#include "conveyor/media/image_codec.h"
#include "conveyor/v1/image.pb.h"
#include "media/image_header.h"
#include "quality/fuzz/input.h"

namespace conveyor::fuzz {

/// Decodes a file of that encoding, unless `read_header` finds it larger than is worth the time.
inline void decode_file(v1::ImageEncoding encoding, media::ImageHeader (*read_header)(std::string_view),
                        const Input& input) {
  static cv::Mat buffer;
  v1::Image image;
  image.set_encoding(encoding);
  image.set_image_data(std::string(input.rest()));
  try {
    const media::ImageHeader header = read_header(image.image_data());
    const bool small = header.width <= kMostPixels && header.height <= kMostPixels;
    if (small && header.width * header.height > kMostPixels) return;
    const cv::Mat pixels = media::decode(image, buffer);
    expect(pixels.cols == header.width && pixels.rows == header.height, "an image has the size of its header");
    (void)cv::sum(pixels);  // reads every pixel
  } catch (const DecodeError&) {
    return;
  }
}

}  // namespace conveyor::fuzz

#endif  // CONVEYOR_TESTS_QUALITY_FUZZ_ENCODED_IMAGE_H_
