// Pixels of any size and kind: decoding undoes encoding, and encoding undoes decoding.
#include "conveyor/vision/delta_split.h"

#include <algorithm>
#include <cstring>
#include <opencv2/core.hpp>

#include "conveyor/error.h"
#include "quality/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  conveyor::fuzz::Input input(data, size);
  const int kind = input.byte();
  const int type = CV_MAKETYPE(kind & 1 ? CV_16U : CV_8U, 1 + (kind >> 1) % 4);
  const int width = 1 + input.byte();
  const std::string bytes(input.rest());
  const auto height = static_cast<int>(std::min<std::size_t>(
      64, bytes.size() / (static_cast<std::size_t>(width) * static_cast<std::size_t>(CV_ELEM_SIZE(type)))));
  // Rows with padding, as parts of larger images have them.
  cv::Mat whole(std::max(1, height), width + kind % 5, type);
  cv::Mat pixels = whole(cv::Rect(0, 0, width, std::max(1, height)));
  const std::string_view used = std::string_view(bytes).substr(0, pixels.total() * pixels.elemSize());
  try {
    conveyor::vision::decode_delta_split(used, pixels);
    conveyor::fuzz::expect(height > 0, "bytes for less than a row are refused");
    std::string again;
    conveyor::vision::encode_delta_split(pixels, again);
    conveyor::fuzz::expect(again == used, "encoding undoes decoding");
  } catch (const conveyor::DecodeError&) {
    conveyor::fuzz::expect(height == 0, "as many bytes as pixels are decoded");
  }
  return 0;
}
