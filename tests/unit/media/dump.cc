// dump FILE...: what Conveyor::media makes of PNGs and JPEGs (decode_dump.h).
#include <opencv2/core.hpp>
#include <string>

#include "conveyor/media/image_codec.h"
#include "conveyor/v1/image.pb.h"
#include "support/decode_dump.h"

int main(int count, char** paths) {
  conveyor::testing::dump_files(count, paths, [](const std::string& bytes) {
    conveyor::v1::Image image;
    image.set_image_data(bytes);
    image.set_encoding(bytes.starts_with("\x89PNG") ? conveyor::v1::IMAGE_ENCODING_PNG
                                                    : conveyor::v1::IMAGE_ENCODING_JPEG);
    cv::Mat buffer;
    conveyor::testing::dump(conveyor::media::decode(image, buffer));
  });
}
