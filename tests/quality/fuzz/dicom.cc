// A DICOM file.
#include <opencv2/core.hpp>

#include "conveyor/dicom/decode.h"
#include "conveyor/error.h"
#include "quality/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const conveyor::fuzz::Input input(data, size);
  static cv::Mat buffer;
  try {
    const conveyor::dicom::File file{input.rest()};
    if (std::int64_t{file.width()} * file.height() > conveyor::fuzz::kMostPixels) return 0;
    for (const int index : {0, file.frame_count() - 1}) {
      const cv::Mat pixels = file.frame(index, buffer).pixels;
      conveyor::fuzz::expect(pixels.size() == cv::Size(file.width(), file.height()), "a frame has the file's size");
      (void)cv::sum(pixels);  // reads every pixel
    }
  } catch (const conveyor::DecodeError&) {
    return 0;
  }
  return 0;
}
