// dump FILE...: what Conveyor::dicom makes of each, for compare.py, which reads it from the standard output: a line
//   FILE<TAB>error<TAB>what it says
// or, for each frame, a line and its pixels, row by row, blue green red where there are colours:
//   FILE<TAB>FRAME of FRAMES<TAB>HEIGHT<TAB>WIDTH<TAB>CHANNELS<TAB>BYTES of a sample<TAB>SLOPE<TAB>INTERCEPT
#include <cstdio>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <string>

#include "conveyor/dicom/decode.h"
#include "conveyor/error.h"

int main(int count, char** paths) {
  for (int i = 1; i < count; ++i) {
    const char* const path = paths[i];
    std::ifstream in(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    try {
      const conveyor::dicom::File file{bytes};
      for (int frame = 0; frame < file.frame_count(); ++frame) {
        cv::Mat buffer;
        const auto image = file.frame(frame, buffer);
        const cv::Mat& pixels = image.pixels;
        std::printf("%s\t%d of %d\t%d\t%d\t%d\t%zu\t%.17g\t%.17g\n", path, frame, file.frame_count(), pixels.rows,
                    pixels.cols, pixels.channels(), pixels.elemSize1(), image.slope, image.intercept);
        std::fwrite(pixels.data, pixels.elemSize(), pixels.total(), stdout);
      }
    } catch (const conveyor::DecodeError& error) {
      std::printf("%s\terror\t%s\n", path, error.what());
    }
  }
}
