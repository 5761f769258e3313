// dump FILE...: what Conveyor::dicom makes of them (decode_dump.h).
#include <opencv2/core.hpp>
#include <string>

#include "conveyor/dicom/decode.h"
#include "support/decode_dump.h"

int main(int count, char** paths) {
  conveyor::testing::dump_files(count, paths, [](const std::string& bytes) {
    const conveyor::dicom::File file{bytes};
    cv::Mat buffer;
    for (int frame = 0; frame < file.frame_count(); ++frame) conveyor::testing::dump(file.frame(frame, buffer));
  });
}
