#ifndef CONVEYOR_TESTS_SUPPORT_DECODE_DUMP_H_
#define CONVEYOR_TESTS_SUPPORT_DECODE_DUMP_H_

#include <cstdio>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <string>

#include "conveyor/error.h"
#include "conveyor/vision/image.h"

// What Conveyor makes of files, for tests/support/decoded.py, which reads it from the standard output. For each frame a line,
// and its pixels row by row, blue green red where there are colours:
//   frame<TAB>HEIGHT<TAB>WIDTH<TAB>CHANNELS<TAB>BYTES of a sample<TAB>SLOPE<TAB>INTERCEPT
// for an error
//   error<TAB>what it says
// and behind each file a line "end".

namespace conveyor::testing {

inline void dump(const vision::DecodedImage& image) {
  const cv::Mat& pixels = image.pixels;
  std::printf("frame\t%d\t%d\t%d\t%zu\t%.17g\t%.17g\n", pixels.rows, pixels.cols, pixels.channels(), pixels.elemSize1(),
              image.slope, image.intercept);
  for (int row = 0; row < pixels.rows; ++row) {
    std::fwrite(pixels.ptr(row), pixels.elemSize(), static_cast<std::size_t>(pixels.cols), stdout);
  }
}

/// Calls decode(bytes), which dumps frames, for each file.
template <class Decode>
void dump_files(int count, char** paths, Decode decode) {
  for (int i = 1; i < count; ++i) {
    std::ifstream in(paths[i], std::ios::binary);
    try {
      decode(std::string(std::istreambuf_iterator<char>(in), {}));
    } catch (const DecodeError& error) {
      std::printf("error\t%s\n", error.what());
    }
    std::printf("end\n");
  }
}

}  // namespace conveyor::testing

#endif  // CONVEYOR_TESTS_SUPPORT_DECODE_DUMP_H_
