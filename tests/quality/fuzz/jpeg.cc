// A JPEG file in a message.
#include "quality/fuzz/encoded_image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  conveyor::fuzz::decode_file(conveyor::v1::IMAGE_ENCODING_JPEG, conveyor::media::read_jpeg_header, {data, size});
  return 0;
}
